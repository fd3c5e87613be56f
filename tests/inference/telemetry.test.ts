import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { fixture } from './fixtures.ts'

const module = (name: string) =>
  JSON.stringify(new URL(`../../inference/${name}.ts`, import.meta.url).href)

const program = `
  const { readModelFolder } = await import(${module('model/folder')})
  const { loadClassifier } = await import(${module('scoring/classifier')})
  const model = await loadClassifier(await readModelFolder(process.argv[2]), { threads: 1 })
  const sequence = { ids: Int32Array.of(5, 6, 7), reads: [2] }
  const { logits } = await model.score([sequence], new AbortController().signal)
  console.log(logits.length)
  await model.close()
`

test('ONNX Runtime leaves no telemetry behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tpo-home-'))
  const home = join(folder, 'home')
  await mkdir(home)
  const script = join(folder, 'program.mjs')
  await writeFile(script, program)
  const { ORT_DISABLE_TELEMETRY: _, ...environment } = process.env
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [script, fixture('tiny-reward-fp32')],
    { env: { ...environment, HOME: home, XDG_CACHE_HOME: join(home, '.cache') } },
  )
  expect(stdout.trim()).toBe('1')
  expect(await readdir(home)).toEqual([])
  await rm(folder, { recursive: true })
})
