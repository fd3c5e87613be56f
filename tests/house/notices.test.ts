import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'

const Lockfile = z.object({
  packages: z.record(
    z.string(),
    z.object({
      version: z.string().optional(),
      dev: z.boolean().optional(),
      optional: z.boolean().optional(),
    }),
  ),
})

test('every package that is shipped stands in the third-party notices', () => {
  const { packages } = Lockfile.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')))
  const notices = readFileSync('THIRD_PARTY_NOTICES.md', 'utf8')
  const missing = Object.entries(packages)
    .filter(([path, { dev, optional }]) => path !== '' && !dev && !optional)
    .map(([path, { version }]) => `## ${path.split('node_modules/').at(-1)} ${version}`)
    .filter((heading) => !notices.includes(`${heading}\n`))
  expect(missing, 'run `npm run notices`').toEqual([])
})
