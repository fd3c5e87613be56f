import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'

const Lock = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional() })),
})

test('Hono is free of CVE-2026-22817 and CVE-2026-47674, which 4.12.21 mended', () => {
  const file = join(import.meta.dirname, '../../package-lock.json')
  const { packages } = Lock.parse(JSON.parse(readFileSync(file, 'utf8')))
  const versions = Object.entries(packages).flatMap(([path, { version = '' }]) =>
    path.endsWith('node_modules/hono') ? version : [],
  )
  expect(versions).not.toEqual([])
  const old = (version: string) => '4.12.21'.localeCompare(version, 'en', { numeric: true }) > 0
  expect(versions.filter(old)).toEqual([])
  expect(['4.9.0', '4.12.20', '4.12.21', '4.13.0', '5.0.0'].map(old)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})
