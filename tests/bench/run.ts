/**
 * `npm run bench`, or `npm run bench -- sharing load`: measures on this machine's CPU and keeps
 * the results beside the date and the hardware.
 */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { cursor } from './cursor.ts'
import { load } from './load.ts'
import { memory } from './memory.ts'
import { sharing } from './sharing.ts'
import { transformers } from './transformers.ts'

const benches = { sharing, memory, transformers, load, cursor }
const names = process.argv.slice(2)
const threads = Math.min(availableParallelism(), 16)
const folder = join(import.meta.dirname, 'results')
mkdirSync(folder, { recursive: true })

for (const [name, bench] of Object.entries(benches)) {
  if (names.length > 0 && !names.includes(name)) continue
  const before = loadavg()[0]
  const result = await bench(threads)
  if (result === null) {
    console.log(`${name}: left out, there is no Python with transformers (TPO_BENCH_PYTHON)`)
    continue
  }
  const date = new Date().toISOString().slice(0, 10)
  const hardware = {
    processor: cpus()[0]?.model,
    cores: availableParallelism(),
    memory_gb: Math.round(totalmem() / 1e9),
    load_before: before,
  }
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
  const record = { bench: name, date, commit, node: process.version, hardware, threads, ...result }
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(record, null, 2)}\n`)
  console.log(record)
}
