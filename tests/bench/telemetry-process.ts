/** The API in a process of its own, traced if its environment asks for it: does what it is told, and says what it took. */
import { createApp } from '../../api/app.ts'
import { startTelemetry } from '../../host/telemetry.ts'
import type { Position } from '../../shared/tpo.ts'
import { type InstantAnswers, instantModels } from '../fakes/instant-models.ts'
import type { Pace } from '../fakes/paced-models.ts'
import { benchDeps } from './bench-deps.ts'
import { question, startPaced } from './paced.ts'

export type Task =
  | ({ kind: 'steps'; runs: number } & InstantAnswers)
  | { kind: 'paced'; number: number }

export interface Measured {
  wall_ms: number
  processor_us: number
  /** Steps, or runs. */
  units: number
}

const base = 'http://127.0.0.1:1'
const settings = { samples: 5, iterations: 2 }
/** As in schedule.ts. */
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

await startTelemetry('tpo-api')
const usual = globalThis.fetch
process.on('message', async (task: Task) => process.send?.(await measured(task)))
process.once('disconnect', () => process.exit(0))

async function measured(task: Task): Promise<Measured> {
  const work = task.kind === 'steps' ? instantRuns(task) : await pacedRun(task.number)
  const [began, before] = [performance.now(), process.cpuUsage()]
  const units = await work()
  // What was recorded is sent by now.
  if (task.kind === 'steps') await new Promise((done) => setTimeout(done, 120))
  const { user, system } = process.cpuUsage(before)
  return { wall_ms: performance.now() - began, processor_us: user + system, units }
}

function instantRuns({ runs, ...answers }: Extract<Task, { kind: 'steps' }>) {
  globalThis.fetch = instantModels(answers)
  const app = createApp(benchDeps({ policy: `${base}/v1`, reward: base }, 2 ** 24))
  const post = async (path: string, body: unknown): Promise<Position> => {
    const text = JSON.stringify(body)
    const headers = { 'content-type': 'application/json', 'content-length': `${text.length}` }
    const response = await app.request(path, { method: 'POST', headers, body: text })
    return response.json()
  }
  const run = async () => {
    let steps = 0
    let { cursor, next } = await post('/v1/tpo/start', { query: 'Why?', ...settings })
    while (next !== null) {
      ;({ cursor, next } = await post('/v1/tpo/step', { cursor }))
      steps++
    }
    return steps
  }
  return async () => {
    const steps = await Promise.all(Array.from({ length: runs }, run))
    return steps.reduce((sum, count) => sum + count, 0)
  }
}

let paced: ReturnType<typeof startPaced> | undefined

async function pacedRun(number: number) {
  globalThis.fetch = usual
  const { run } = await (paced ??= startPaced(pace))
  return async () => {
    await run({ query: question(number, 'What is there to say about the sea?'), ...settings })
    return 1
  }
}
