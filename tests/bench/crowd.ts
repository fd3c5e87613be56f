/** Many runs at once: whether they share the models fairly, and what stays in memory. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Pace } from '../fakes/paced-models.ts'
import { type Paced, question, startPaced } from './paced.ts'
import { median, rounded } from './rounds.ts'

/** A policy with room for a quarter of what is asked at once, and a fast reward model. */
const pace: Pace = {
  first: 50,
  token: 5,
  tokensPerDelta: 8,
  sequences: 256,
  medianTokens: 100,
  sigma: 0.5,
  pass: 5,
  passToken: 0.005,
}
const runs = 200
const batches = 3
const settings = { samples: 5, iterations: 2 }
/** Small, so that it is full after the first runs. */
const storeBytes = 2 ** 23

setFlagsFromString('--expose-gc')
const collectGarbage: () => void = runInNewContext('gc')

export async function crowd() {
  const paced = await startPaced(pace, storeBytes)
  try {
    await Promise.all(numbers(8).map((number) => run(paced, number)))
    const before = heapMb()
    const all: Batch[] = []
    for (let batch = 0; batch < batches; batch++) all.push(await together(paced))
    return {
      what: `${runs} D2-N5 runs of the same work at once through POST /v1/tpo/run, ${batches} times; the policy writes ${pace.sequences} answers at once, first come, first served, in another process. Heap of the API's process after a garbage collection, with a replay store of ${storeBytes / 2 ** 20} MB at most`,
      pace,
      batches: all,
      heap_mb: { before, after: all.map(({ heap_mb }) => heap_mb) },
      target: 'all runs end together; heap after 3N runs as after N',
    }
  } finally {
    paced.close()
  }
}

interface Batch {
  seconds: { first: number; median: number; last: number }
  last_over_first: number
  /** 1 where all runs took equally long. */
  jain_index: number
  /** Of the run that was furthest behind when the first one ended, of 7. */
  fewest_model_calls_by_then: number
  processor_seconds: number
  heap_mb: number
}

const numbers = (count: number) => Array.from({ length: count }, (_, number) => number)

const run = (paced: Paced, number: number) =>
  paced.run({ query: question(number, 'Why is the sea salt?'), ...settings })

async function together(paced: Paced): Promise<Batch> {
  paced.forget()
  const began = performance.now()
  const before = process.cpuUsage()
  let fewest: number | undefined
  const times = await Promise.all(
    numbers(runs).map(async (number) => {
      await run(paced, number)
      fewest ??= Math.min(...numbers(runs).map((other) => paced.asked(other).length))
      return (performance.now() - began) / 1000
    }),
  )
  const { user, system } = process.cpuUsage(before)
  paced.forget()
  const [first, last] = [Math.min(...times), Math.max(...times)]
  const sum = times.reduce((all, time) => all + time, 0)
  const squares = times.reduce((all, time) => all + time ** 2, 0)
  return {
    seconds: { first: rounded(first), median: rounded(median(times)), last: rounded(last) },
    last_over_first: rounded(last / first, 3),
    jain_index: rounded(sum ** 2 / (runs * squares), 4),
    fewest_model_calls_by_then: fewest ?? 0,
    processor_seconds: rounded((user + system) / 1e6),
    heap_mb: heapMb(),
  }
}

function heapMb(): number {
  collectGarbage()
  return rounded(process.memoryUsage().heapUsed / 1e6, 1)
}
