import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { resolveSettings } from '../../shared/settings.ts'
import { copied, dockerfile, imageOf, targets } from './dockerfile.ts'
import { hadolint } from './tools.ts'

const Manifest = z.object({
  version: z.string(),
  optionalDependencies: z.record(z.string(), z.string()),
})
const { version, optionalDependencies } = Manifest.parse(
  JSON.parse(readFileSync('package.json', 'utf8')),
)

test.skipIf(hadolint.missing)('hadolint finds nothing in the Dockerfile', async () => {
  expect(await hadolint.run('--failure-threshold', 'style', 'deploy/docker/Dockerfile')).toBe('')
})

const settings = resolveSettings({})
const ports: Record<string, number> = {
  api: settings.api_port,
  worker: settings.worker_port,
  policy: settings.local_policy_port,
  reward: settings.reward_port,
  'reward-cuda': settings.reward_port,
}

test.each(targets)('%s runs an entry that is there, on its port, as a user by number', (target) => {
  const { entry, port, health, user } = imageOf(target)
  expect(entry).toMatch(/^dist\/.+\.js$/)
  const source = entry.replace(/^dist\//, '').replace(/\.js$/, '.ts')
  expect(existsSync(source), source).toBe(true)
  expect(port).toBe(ports[target])
  expect(health).toMatch(new RegExp(`^${port}/(healthz|readyz)$`))
  expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/)
})

test('what is copied is there, and reaches the build', () => {
  expect(copied).not.toEqual([])
  const allowed = readFileSync('.dockerignore', 'utf8').split('\n')
  for (const path of copied) {
    expect(existsSync(path), path).toBe(true)
    expect(allowed).toContain(`!${path}`)
  }
})

test('the images have the version of the package, and the Node that the lockfile brings', () => {
  expect(dockerfile).toContain(`org.opencontainers.image.version="${version}"`)
  const node = /^FROM node:(\d+\.\d+\.\d+)-/m.exec(dockerfile)?.[1]
  expect(new Set(Object.values(optionalDependencies))).toEqual(new Set([node]))
})
