import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { unstable_readConfig } from 'wrangler'
import { z } from 'zod'
import { dryRun } from '../fixtures/worker-bundle.ts'

const Named = z.array(z.object({ binding: z.string() }))
const Config = z.object({
  name: z.string(),
  vars: z.record(z.string(), z.unknown()),
  durable_objects: z.object({
    bindings: z.array(z.object({ name: z.string(), class_name: z.string() })),
  }),
  workflows: z.array(z.object({ binding: z.string(), class_name: z.string() })),
  r2_buckets: Named,
  kv_namespaces: Named,
  migrations: z.array(z.object({ tag: z.string() })),
})
const read = (env?: string) =>
  Config.parse(unstable_readConfig({ config: 'wrangler.toml', env }, { hideWarnings: true }))

/** What the Worker is bound to; the resources themselves are each environment's own. */
function bindings(env?: string): string[] {
  const config = read(env)
  return [
    ...Object.keys(config.vars),
    ...config.durable_objects.bindings.map((one) => `${one.name} ${one.class_name}`),
    ...config.workflows.map((one) => `${one.binding} ${one.class_name}`),
    ...[...config.r2_buckets, ...config.kv_namespaces].map((one) => one.binding),
    ...config.migrations.map((one) => `migration ${one.tag}`),
  ]
}

const environments = ['staging', 'production']

test.each(environments)('%s has all that the plain Worker has', (env) => {
  expect(bindings()).toContain('REPLAY ReplayObject')
  expect(bindings(env)).toEqual(bindings())
})

test('each environment is a Worker of its own', () => {
  const names = [undefined, ...environments].map((env) => read(env).name)
  expect(new Set(names).size).toBe(3)
})

test('wrangler would deploy an environment', async () => {
  const assets = mkdtempSync(join(tmpdir(), 'tpo-assets-'))
  const said = await dryRun('--env', 'production', '--assets', assets)
  expect(said).toContain('env.REPLAY (ReplayObject)')
}, 120_000)
