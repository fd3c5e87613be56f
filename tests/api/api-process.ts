/** The API, or the worker of its jobs, as a process of its own, as a user runs it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { freePort } from './free-port.ts'

export interface ApiProcess {
  url: string
  /** Ends it without a goodbye, and resolves when it is gone. */
  kill: () => Promise<void>
  /** Asks it to end, and gives its exit code. */
  stop: () => Promise<unknown>
  /** What it has written on stderr. */
  said: () => string
}

type Environment = Record<string, string>

export const startApi = (settings: Environment) =>
  startService('api/node.ts', 'TPO_API_PORT', settings)

/** `entry`: another than the worker's own. */
export const startWorker = (settings: Environment, entry = 'api/queue-worker.ts') =>
  startService(entry, 'TPO_WORKER_PORT', settings)

async function startService(
  entry: string,
  portVariable: string,
  settings: Environment,
): Promise<ApiProcess> {
  const port = await freePort()
  const child = spawn(process.execPath, [resolve(entry)], {
    env: { ...process.env, ...settings, [portVariable]: String(port) },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let stderr = ''
  child.stderr?.on('data', (chunk) => (stderr += String(chunk)))
  const closed = once(child, 'close')
  const started = await Promise.race([once(child, 'message'), closed.then(() => undefined)])
  // The port was free a moment ago; on a busy machine it may be another's by now.
  if (started === undefined && stderr.includes(`port ${port} (`)) {
    return startService(entry, portVariable, settings)
  }
  if (started === undefined) throw new Error(`${entry} ended at its start: ${stderr}`)
  return {
    url: `http://127.0.0.1:${port}`,
    async kill() {
      child.kill('SIGKILL')
      await closed
    },
    async stop() {
      child.kill('SIGTERM')
      const [code]: unknown[] = await closed
      return code
    },
    said: () => stderr,
  }
}
