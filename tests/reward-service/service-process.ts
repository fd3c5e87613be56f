/** The reward service as a process of its own, as a user runs it. */
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
  /** Ids of the processes that run the model. */
  workers: () => Promise<number[]>
  /** Value of a metric, with its labels as they are written. */
  metric: (name: string) => Promise<number>
  /** Resolves with the exit code. */
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

export async function startService(
  model: string,
  settings: Record<string, string> = {},
): Promise<ServiceProcess> {
  const port = await freePort()
  const child = spawn(process.execPath, [resolve('reward-service/server.ts')], {
    env: {
      ...process.env,
      TPO_REWARD_MODEL: model,
      TPO_REWARD_PORT: String(port),
      ...settings,
    },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let stderr = ''
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)))
  const exit = once(child, 'exit')
  const started = await Promise.race([once(child, 'message'), exit.then(() => undefined)])
  if (started === undefined) throw new Error(`the service ended at its start: ${stderr}`)
  const url = `http://127.0.0.1:${port}`
  return {
    url,
    child,
    stderr: () => stderr,
    workers: () => childrenOf(child.pid ?? 0),
    async metric(name) {
      const text = await (await fetch(`${url}/metrics`)).text()
      const line = text.split('\n').find((line) => line.startsWith(`${name} `))
      return Number(line?.slice(name.length + 1))
    },
    async stop() {
      child.kill('SIGTERM')
      await exit
      return child.exitCode
    },
  }
}

/** Only on Linux. */
async function childrenOf(pid: number): Promise<number[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return children.split(' ').filter(Boolean).map(Number)
}
