/** What telemetry costs: the same work in two processes, one of which sends its spans to a collector. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { Hono } from 'hono'
import { telemetryFlags } from '../../host/telemetry.ts'
import { listen, type NodeEnv } from '../fakes/listen.ts'
import { median, rounded } from './rounds.ts'
import type { Measured, Task } from './telemetry-process.ts'

const rounds = 40
const runs = 8

const tasks = {
  short_answers: { kind: 'steps', pieces: 8, pieceLength: 64, runs: 24 },
  long_answers: { kind: 'steps', pieces: 400, pieceLength: 4, runs: 4 },
} satisfies Record<string, Task>

export async function telemetry() {
  const collector = await startCounter()
  const quiet = start({})
  const sending = start({
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    // Every span is to be sent within what is measured, and none dropped.
    OTEL_BSP_SCHEDULE_DELAY: '50',
    OTEL_BSP_MAX_QUEUE_SIZE: '100000',
  })
  const ways = { off: quiet, on: sending }
  try {
    const steps = async (task: Task) => {
      const processor = { off: [] as number[], on: [] as number[] }
      for (let round = -5; round < rounds; round++) {
        for (const way of ['off', 'on'] as const) {
          const { processor_us, units } = await ask(ways[way], task)
          if (round >= 0) processor[way].push(processor_us / units)
        }
      }
      const summary = (way: 'off' | 'on') => ({
        median: rounded(median(processor[way]), 0),
        fastest: rounded(Math.min(...processor[way]), 0),
      })
      const [off, on] = [summary('off'), summary('on')]
      return {
        off,
        on,
        telemetry: {
          median_of_pairs: rounded(
            median(processor.on.map((value, at) => value - (processor.off[at] ?? NaN))),
            0,
          ),
          fastest: on.fastest - off.fastest,
        },
      }
    }
    const short = await steps(tasks.short_answers)
    const long = await steps(tasks.long_answers)
    const seconds = { off: [] as number[], on: [] as number[] }
    for (let number = 0; number <= runs; number++) {
      for (const way of ['off', 'on'] as const) {
        const { wall_ms } = await ask(ways[way], { kind: 'paced', number })
        if (number > 0) seconds[way].push(rounded(wall_ms / 1000, 3))
      }
    }
    const ratios = seconds.on.map((value, at) => value / (seconds.off[at] ?? NaN))
    return {
      what: 'the API with spans sent to a collector (OTLP over HTTP, protobuf), against the same without, in two processes by turns. Processor time of a step: D2-N5 runs over HTTP requests in the process, with models that answer at once in 8 pieces (short) and in 400 (long); sending is part of it. Time: D2-N5 runs on models that take theirs (4 ms per token)',
      microseconds_of_processor_per_step: { short_answers: short, long_answers: long },
      spans_sent: collector.requests() > 0,
      seconds_of_a_run: { ...seconds, on_over_off: rounded(median(ratios), 4) },
      target: 'telemetry ≤ 150 µs of processor time per step; on / off ≤ 1.03',
    }
  } finally {
    quiet.disconnect()
    sending.disconnect()
    await collector.close()
  }
}

function start(environment: Record<string, string>): ChildProcess {
  return fork(resolve('tests/bench/telemetry-process.ts'), {
    execArgv: telemetryFlags(environment),
    env: { ...process.env, ...environment },
  })
}

async function ask(child: ChildProcess, task: Task): Promise<Measured> {
  const answer = once(child, 'message')
  child.send(task)
  const [measured]: Measured[] = await answer
  if (measured === undefined) throw new Error('the process said nothing')
  return measured
}

async function startCounter() {
  let requests = 0
  const app = new Hono<NodeEnv>()
  app.post('/v1/traces', async (c) => {
    await c.req.arrayBuffer()
    requests++
    return c.body(null, 200)
  })
  return { ...(await listen(app)), requests: () => requests }
}
