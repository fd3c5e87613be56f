/** The Worker under `wrangler dev`, as a process group that can be killed: with Workflows, Durable Objects and R2 on disk. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { stripVTControlCharacters } from 'node:util'

export interface WranglerDev {
  url: string
  /** Ends it and all that it started, without a goodbye. */
  kill: () => Promise<void>
  said: () => string
}

/** Serves the bundle in `folder`; what it keeps lies in `storage`. */
export async function startWranglerDev(
  folder: string,
  storage: string,
  variables: Record<string, string>,
): Promise<WranglerDev> {
  const set = Object.entries(variables).flatMap(([name, value]) => ['--var', `${name}:${value}`])
  const child = spawn(
    process.execPath,
    [
      resolve('node_modules/wrangler/bin/wrangler.js'),
      'dev',
      join(folder, 'worker.js'),
      '--no-bundle',
      '--config',
      resolve('wrangler.toml'),
      '--persist-to',
      storage,
      '--ip=127.0.0.1',
      '--port=0',
      '--inspector-port=0',
      '--show-interactive-dev-session=false',
      ...set,
    ],
    {
      // workerd and esbuild end with it only as one group.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        CI: '1',
        CLOUDFLARE_CF_FETCH_ENABLED: 'false',
        WRANGLER_SEND_METRICS: 'false',
      },
    },
  )
  const end = () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }
  // A group of its own outlives a test that is given up.
  process.once('exit', end)
  let said = ''
  const ended = once(child, 'close')
  const url = new Promise<string>((ready) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on('line', (line) => {
        said += `${line}\n`
        const found = /Ready on (http:\S+)/.exec(stripVTControlCharacters(line))
        if (found?.[1] !== undefined) ready(found[1])
      })
    }
  })
  const failed = ended.then(() => {
    throw new Error(`wrangler dev ended at its start:\n${said}`)
  })
  return {
    url: await Promise.race([url, failed]),
    async kill() {
      failed.catch(() => undefined)
      process.off('exit', end)
      end()
      await ended
    },
    said: () => said,
  }
}
