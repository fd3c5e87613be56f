/** The deployed Worker in workerd alone, behind its own HTTP server: nothing of wrangler stands between. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { unstable_readConfig } from 'wrangler'
import { z } from 'zod'

export interface Workerd {
  url: URL
  close: () => Promise<void>
}

const Listening = z.object({ event: z.literal('listen'), port: z.number() })

/** Serves the bundle in `folder` with the flags of wrangler.toml; `variables` are its variables and secrets. */
export async function startWorkerd(
  folder: string,
  variables: Record<string, string>,
): Promise<Workerd> {
  const { compatibility_date, compatibility_flags } = unstable_readConfig({
    config: resolve('wrangler.toml'),
  })
  const bindings = Object.entries(variables).map(
    ([name, value]) => `(name = "${name}", text = ${JSON.stringify(value)})`,
  )
  const config = join(folder, 'config.capnp')
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker", esModule = embed "worker.js")],
      compatibilityDate = ${JSON.stringify(compatibility_date)},
      compatibilityFlags = ${JSON.stringify(compatibility_flags)},
      bindings = [${bindings.join(', ')}, (name = "REPLAY", durableObjectNamespace = "ReplayObject")],
      durableObjectNamespaces = [(className = "ReplayObject", uniqueKey = "replay", enableSql = true)],
      durableObjectStorage = (inMemory = void),
    )),
    (name = "internet", network = (allow = ["public", "private", "local"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
`,
  )
  const child = spawn(
    resolve('node_modules/workerd/bin/workerd'),
    ['serve', config, '--experimental', '--control-fd=3'],
    { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] },
  )
  const control = child.stdio[3] as Readable
  const [line] = await Promise.race([
    once(createInterface(control), 'line'),
    once(child, 'exit').then(() => {
      throw new Error('workerd ended at its start')
    }),
  ])
  const { port } = Listening.parse(JSON.parse(String(line)))
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    async close() {
      child.kill()
      await once(child, 'exit')
    },
  }
}
