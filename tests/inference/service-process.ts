/** A service that runs a model, as a process of its own, as a user runs it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { resolve } from 'node:path'

export interface ServiceProcess {
  url: string
  child: ChildProcess
  /** What it wrote, as it comes. */
  stderr: () => string
  /** Kills the process that runs the model; only on Linux. */
  killWorker: () => Promise<void>
  /** Halts that process, and lets it go on; only on Linux. */
  pauseWorker: () => Promise<void>
  resumeWorker: () => Promise<void>
  /** Seconds of processor time that it and its workers have taken; only on Linux. */
  cpuSeconds: () => Promise<number>
  /** Value of a metric, with its labels as they are written. */
  metric: (name: string) => Promise<number>
  post: (path: string, body: unknown) => Promise<Response>
  /** Asks again and again. */
  until: (holds: () => boolean | Promise<boolean>) => Promise<void>
  ready: () => Promise<boolean>
  /** Resolves with the exit code once it is gone. */
  exit: Promise<number | null>
  /** Ends it as an operator does. */
  stop: () => Promise<number | null>
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

const variables = {
  'reward-service': { model: 'TPO_REWARD_MODEL', port: 'TPO_REWARD_PORT' },
  'local-policy': { model: 'TPO_LOCAL_POLICY_MODEL', port: 'TPO_LOCAL_POLICY_PORT' },
} as const

export async function startService(
  room: keyof typeof variables,
  model: string,
  settings: Record<string, string> = {},
): Promise<ServiceProcess> {
  const port = await freePort()
  const names = variables[room]
  const child = spawn(process.execPath, [resolve(room, 'server.ts')], {
    env: { ...process.env, ...settings, [names.model]: model, [names.port]: String(port) },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let stderr = ''
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)))
  const exit = once(child, 'exit').then(() => child.exitCode)
  const started = await Promise.race([once(child, 'message'), exit.then(() => undefined)])
  if (started === undefined) throw new Error(`the service ended at its start: ${stderr}`)
  const url = `http://127.0.0.1:${port}`
  const signalWorkers = async (signal: NodeJS.Signals) =>
    signalAll(await childrenOf(child.pid ?? 0), signal)
  return {
    url,
    child,
    stderr: () => stderr,
    killWorker: () => signalWorkers('SIGKILL'),
    pauseWorker: () => signalWorkers('SIGSTOP'),
    resumeWorker: () => signalWorkers('SIGCONT'),
    async cpuSeconds() {
      const pids = [child.pid ?? 0, ...(await childrenOf(child.pid ?? 0))]
      const seconds = await Promise.all(pids.map(cpuSecondsOf))
      return seconds.reduce((sum, one) => sum + one, 0)
    },
    async metric(name) {
      const text = await (await fetch(`${url}/metrics`)).text()
      const line = text.split('\n').find((line) => line.startsWith(`${name} `))
      return Number(line?.slice(name.length + 1))
    },
    post: (path, body) => fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) }),
    async until(holds) {
      while (!(await holds())) {
        if (child.exitCode !== null) throw new Error(`the service ended: ${stderr}`)
      }
    },
    ready: async () => (await fetch(`${url}/readyz`)).ok,
    exit,
    stop() {
      child.kill('SIGTERM')
      return exit
    },
  }
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      // It may be gone already.
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
    }
  }
}

async function childrenOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return children.split(' ').filter(Boolean).map(Number)
}

async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // User and system time, in hundredths.
  return (Number(fields[11]) + Number(fields[12])) / 100
}
