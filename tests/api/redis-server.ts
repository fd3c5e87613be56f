/** A real Redis (Debian's redis-server) of the tests' own, on a free port. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { freePort } from './free-port.ts'

export const hasRedis = spawnSync('redis-server', ['--version']).status === 0

if (!hasRedis) {
  console.warn('The tests of Redis are skipped: `apt-get install redis-server` lets them run.')
}

export interface RedisServer {
  url: string
  /** Ends it without a goodbye. */
  stop: () => Promise<void>
}

/**
 * Starts one; on the port of an earlier one, if given. Nothing is on disk, unless there is a folder
 * for all that was written, which the next one with that folder has.
 */
export async function startRedis(
  port?: number,
  folder?: string,
): Promise<RedisServer & { port: number }> {
  const at = port ?? (await freePort())
  const kept =
    folder === undefined ? ['--appendonly', 'no'] : ['--appendonly', 'yes', '--dir', folder]
  const child = spawn(
    'redis-server',
    ['--port', String(at), '--bind', '127.0.0.1', '--save', '', ...kept],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const gone = once(child, 'exit')
  let said = ''
  while (!said.includes('Ready to accept connections')) {
    const more = await Promise.race([once(child.stdout, 'data'), gone.then(() => undefined)])
    if (more === undefined) throw new Error(`redis-server ended: ${said}`)
    said += String(more[0])
  }
  // It goes on writing, and must not wait for a reader.
  child.stdout.resume()
  return {
    url: `redis://127.0.0.1:${at}`,
    port: at,
    async stop() {
      child.kill('SIGKILL')
      await gone
    },
  }
}
