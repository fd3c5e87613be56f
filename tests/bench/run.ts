/**
 * `npm run bench`, or `npm run bench -- sharing load`: measures on this machine's CPU and keeps
 * the results beside the date and the hardware.
 */
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { keepResult, machine } from '../keep-result.ts'
import { batch } from './batch.ts'
import { crowd } from './crowd.ts'
import { cursor } from './cursor.ts'
import { kept } from './kept.ts'
import { load } from './load.ts'
import { many } from './many.ts'
import { memory } from './memory.ts'
import { page } from './page.ts'
import { replicas } from './replicas.ts'
import { schedule } from './schedule.ts'
import { sharing } from './sharing.ts'
import { steps } from './steps.ts'
import { telemetry } from './telemetry.ts'
import { transformers } from './transformers.ts'

const benches = {
  sharing,
  memory,
  transformers,
  load,
  cursor,
  steps,
  schedule,
  batch,
  crowd,
  many,
  page,
  telemetry,
  replicas,
  kept,
}
const names = process.argv.slice(2)
const threads = Math.min(availableParallelism(), 16)
const folder = join(import.meta.dirname, 'results')

for (const [name, bench] of Object.entries(benches)) {
  if (names.length > 0 && !names.includes(name)) continue
  const hardware = machine()
  const result = await bench(threads)
  if (result === null) {
    console.log(`${name}: left out, there is no Python with transformers (TPO_BENCH_PYTHON)`)
    continue
  }
  console.log(keepResult(folder, name, hardware, { bench: name, threads, ...result }))
}
