/** Opening and sealing a cursor, against WebCrypto alone on the same bytes; on Node and in workerd. */
import { resolve } from 'node:path'
import { createTestHarness } from 'wrangler'
import { cursorNatives } from '../../host/cursor-natives.ts'
import { type Kind, type Texts, type Work, work } from './cursor-work.ts'
import { median, rounded } from './rounds.ts'

const sizes = [2, 8, 64]
const rounds = 15
const times = 200

type Run = (work: Work) => Promise<number>

export async function cursor() {
  const node = await measure((asked) => work(asked, cursorNatives))
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
  const ask: Run = async (asked) => {
    const answer = await harness.fetch('/', { method: 'POST', body: JSON.stringify(asked) })
    return Number(await answer.text())
  }
  const workers = await measure(ask).finally(() => harness.close())
  return {
    what: `open and seal of a cursor (whole) against decrypt and encrypt of the same bytes by WebCrypto (raw), each ${times} times in turn; medians of ${rounds} rounds, in microseconds`,
    results: { node, workers },
    target: 'whole / raw ≤ 2.5',
  }
}

async function measure(run: Run) {
  const results: Record<string, unknown> = {}
  for (const texts of ['plain', 'typographic'] as const) {
    for (const size of sizes) results[`${size} KiB, ${texts}`] = await compare(run, texts, size)
  }
  return results
}

async function compare(run: Run, texts: Texts, size: number) {
  const asked = { texts, bytes: size * 1024 }
  const took: Record<Kind, number[]> = { raw: [], whole: [] }
  let bytes = 0
  for (let round = -1; round < rounds; round++) {
    for (const kind of ['raw', 'whole'] as const) {
      // What it takes to ask and to prepare does not count.
      const prepared = await timed(() => run({ ...asked, kind, times: 0 }))
      const all = await timed(async () => (bytes = await run({ ...asked, kind, times })))
      if (round >= 0) took[kind].push((1000 * (all - prepared)) / times)
    }
  }
  return {
    bytes,
    raw: rounded(median(took.raw), 0),
    whole: rounded(median(took.whole), 0),
    whole_over_raw: rounded(median(took.whole.map((whole, at) => whole / (took.raw[at] ?? NaN)))),
  }
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await run()
  return performance.now() - began
}
