/** How near runs come to the time their models need, and what the reference's schedule makes of the same work. */
import type { Pace } from '../fakes/paced-models.ts'
import { question, startPaced } from './paced.ts'
import { critical, inChunks, referenceRun } from './reference-schedule.ts'
import { median, rounded } from './rounds.ts'

/** A policy of 250 tokens per second and answer, and a reward model that reads 5,000 per second. */
const pace: Pace = {
  first: 50,
  token: 4,
  tokensPerDelta: 1,
  sequences: 256,
  medianTokens: 150,
  sigma: 0.5,
  pass: 10,
  passToken: 0.2,
}
const settings = { samples: 5, iterations: 2 }
const alone = 6
const many = 12
/** `--num_threads` of the reference, if left out. */
const threads = 4

const queryOf = (number: number) =>
  question(number, `${'What is there to say about the sea? '.repeat(2)} (${'*'.repeat(number)})`)

export async function schedule() {
  const paced = await startPaced(pace)
  try {
    const run = (number: number) => paced.run({ query: queryOf(number), ...settings })
    const reference = (number: number) =>
      referenceRun(paced.url, queryOf(number), paced.asked(number), settings.iterations, pace)
    await run(0)
    const one = { needed: [] as number[], api: [] as number[], reference: [] as number[] }
    for (const number of range(1, alone)) {
      one.api.push(await timed(() => run(number)))
      one.needed.push(critical(queryOf(number), paced.asked(number), pace))
      one.reference.push(await timed(() => reference(number)))
    }
    const batch = range(alone + 1, many)
    const side_by_side = await timed(() => sliding(batch, run))
    const in_chunks = await timed(() => inChunks(batch, threads, reference))
    const over = (a: readonly number[], b: readonly number[]) =>
      rounded(median(a.map((value, at) => value / (b[at] ?? NaN))), 3)
    const seconds = (values: readonly number[]) => values.map((ms) => rounded(ms / 1000))
    return {
      what: `D2-N5 runs through POST /v1/tpo/run, on models in another process over loopback: answers of log-normal length, ${pace.token} ms per token, a reward model with one pass of ${pace.pass} ms + ${pace.passToken} ms per token at a time. Needed: textual loss, textual gradient and, of every draw, the longest answer with its own reward, as the models drew them. The reference's schedule asks the same of the same models: it reads all answers, then scores them one by one, ${threads} questions at a time, the next ${threads} when all are done`,
      pace,
      one_run: {
        needed_seconds: seconds(one.needed),
        api_seconds: seconds(one.api),
        reference_seconds: seconds(one.reference),
        api_over_needed: {
          median: over(one.api, one.needed),
          most: rounded(Math.max(...one.api.map((ms, at) => ms / (one.needed[at] ?? NaN))), 3),
        },
        reference_over_api: over(one.reference, one.api),
      },
      [`${many}_runs_${threads}_at_once`]: {
        api_seconds: rounded(side_by_side / 1000),
        reference_seconds: rounded(in_chunks / 1000),
        reference_over_api: rounded(in_chunks / side_by_side),
      },
      target: 'api / needed ≤ 1.02',
    }
  } finally {
    paced.close()
  }
}

const range = (first: number, count: number) => Array.from({ length: count }, (_, at) => first + at)

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** `threads` at once; the next begins when any ends. */
async function sliding(numbers: readonly number[], run: (number: number) => Promise<unknown>) {
  const left = [...numbers]
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await run(next)
  }
  await Promise.all(Array.from({ length: threads }, work))
}
