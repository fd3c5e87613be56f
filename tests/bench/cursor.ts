/** Opening and sealing a cursor, against WebCrypto alone on the same bytes; on Node and in workerd. */
import { resolve } from 'node:path'
import { createTestHarness } from 'wrangler'
import { cursorNatives } from '../../host/cursor-natives.ts'
import { type Kind, type Work, type Worked, work } from './cursor-work.ts'
import { median, rounded } from './rounds.ts'

const sizes = [2, 8, 64]
const rounds = 30
const times = { node: 50, workers: 1000 }

type Run = (work: Work) => Promise<Worked>

export async function cursor() {
  const node = await measure((asked) => work(asked, cursorNatives), times.node)
  const harness = createTestHarness({
    workers: [
      {
        config: {
          name: 'cursor',
          main: resolve('tests/bench/cursor-worker.ts'),
          compatibility_date: '2026-10-01',
        },
      },
    ],
  })
  await harness.listen()
  const ask = async (asked: Work) => {
    const began = performance.now()
    const answer = await harness.fetch('/', { method: 'POST', body: JSON.stringify(asked) })
    const bytes = Number(await answer.text())
    return { bytes, milliseconds: performance.now() - began }
  }
  // Timed from outside, less what it takes to ask and to prepare.
  const run: Run = async (asked) => {
    const idle: number[] = []
    for (let time = 0; time < 5; time++) idle.push((await ask({ ...asked, times: 0 })).milliseconds)
    const { bytes, milliseconds } = await ask(asked)
    return { bytes, milliseconds: milliseconds - Math.min(...idle) }
  }
  const workers = await measure(run, times.workers).finally(() => harness.close())
  return {
    what: `open and seal of a cursor (whole) against decrypt and encrypt of the same bytes by WebCrypto (raw), by turns, ${rounds} rounds of ${times.node} (on Node) and ${times.workers} (in workerd), in microseconds`,
    results: { node, workers },
    target: 'whole / raw ≤ 2.5',
  }
}

async function measure(run: Run, times: number) {
  const results: Record<string, unknown> = {}
  for (const texts of ['plain', 'typographic'] as const) {
    for (const size of sizes) {
      results[`${size} KiB, ${texts}`] = await compare(run, { texts, bytes: size * 1024, times })
    }
  }
  return results
}

async function compare(run: Run, asked: Omit<Work, 'kind'>) {
  const took: Record<Kind, number[]> = { raw: [], whole: [] }
  const kinds = ['raw', 'whole'] as const
  for (const kind of kinds) await run({ ...asked, kind, times: 1000 })
  let packed = 0
  for (let round = 0; round < rounds; round++) {
    for (const kind of kinds) {
      const { bytes, milliseconds } = await run({ ...asked, kind })
      took[kind].push((1000 * milliseconds) / asked.times)
      packed = bytes
    }
  }
  const [raw, whole] = [took.raw, took.whole].map((all) => ({
    median: rounded(median(all), 0),
    fastest: rounded(Math.min(...all), 0),
  }))
  const whole_over_raw = {
    of_medians: rounded(median(took.whole) / median(took.raw)),
    of_fastest: rounded(Math.min(...took.whole) / Math.min(...took.raw)),
  }
  return { bytes: packed, raw, whole, whole_over_raw }
}
