import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { bundleWorker } from '../fixtures/worker-bundle.ts'

const Metafile = z.object({
  inputs: z.record(
    z.string(),
    z.object({
      imports: z.array(z.object({ path: z.string(), external: z.boolean().optional() })),
    }),
  ),
})

let out: string
beforeAll(async () => {
  out = await bundleWorker()
}, 120_000)

test('the worker has 400 KiB at most, gzipped', () => {
  const { length } = gzipSync(readFileSync(join(out, 'worker.js')))
  expect(length).toBeLessThanOrEqual(400 * 1024)
  expect(length).toBeGreaterThan(50 * 1024)
})

const runtimes = new Set(['<runtime>', 'cloudflare:workers', 'node:async_hooks'])

test('nothing of Node is in its graph', () => {
  const metafile = JSON.parse(readFileSync(join(out, 'bundle-meta.json'), 'utf8'))
  const { inputs } = Metafile.parse(metafile)
  const outside = Object.entries(inputs).flatMap(([file, { imports }]) =>
    imports
      // What the bundler itself puts in stands for nothing, and the runtime has its own module.
      .filter(({ external, path }) => external === true && !runtimes.has(path))
      .map(({ path }) => `${file} → ${path}`),
  )
  expect(outside).toEqual([])
  const own = Object.keys(inputs).filter((file) => !file.includes('node_modules'))
  expect(own).toContain('api/edge.ts')
  expect(own.filter((file) => !/^(api|shared)\//.test(file))).toEqual([])
})
