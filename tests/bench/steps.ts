/** What a step costs beyond its models, and how that compares with the bare parts it is made of. */
import { Hono } from 'hono'
import OpenAI from 'openai'
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions'
import type { State } from '../../api/algorithm/state.ts'
import { createApp } from '../../api/app.ts'
import type { CursorCodec } from '../../api/cursor/cursor.ts'
import { RewardsAnswer } from '../../shared/rewards.ts'
import { Position, StepAnswer, StepRequest } from '../../shared/tpo.ts'
import { type InstantAnswers, instantModels } from '../fakes/instant-models.ts'
import { benchDeps } from './bench-deps.ts'
import { median, quantile, rounded } from './rounds.ts'

const base = 'http://127.0.0.1:1'
const sideBySide = 8
const settings = { query: 'Why is the sky blue?', samples: 5, iterations: 2 }

const short: InstantAnswers = { pieces: 8, pieceLength: 64 }
const long: InstantAnswers = { pieces: 400, pieceLength: 4 }

/**
 * The models answer in this process, through `fetch`: over loopback, the fakes and the sockets
 * would take more of the time than what is measured.
 */
export async function steps() {
  const usual = globalThis.fetch
  try {
    const few = await measure(short, 60)
    const many = await measure(long, 8)
    const deltas = (5 * 3 + 4) * (long.pieces - short.pieces)
    const perDelta = (way: 'api' | 'bare') =>
      rounded(
        (1000 *
          few.steps_of_a_run *
          (many.fastest_ms_of_processor[way] - few.fastest_ms_of_processor[way])) /
          deltas,
        1,
      )
    return {
      what: `steps of D2-N5 runs over HTTP requests in this process, with models that answer at once: the API, against one handler of Hono that parses the request (zod), opens the cursor, asks the same of the openai SDK or the reward model, seals the next cursor and answers the same bytes. By turns, ${sideBySide} runs side by side; latency with one run alone. Answers come in ${short.pieces} pieces, and in ${long.pieces}`,
      short_answers: few,
      long_answers: many,
      microseconds_per_streamed_delta: { api: perDelta('api'), bare: perDelta('bare') },
      target: 'short answers: p50 of a step ≤ 3 ms; API / bare ≥ 0.7',
    }
  } finally {
    globalThis.fetch = usual
  }
}

/** One step as the API took it: what was asked of its model, and what it came to. */
interface Recorded {
  asked: string
  state: State
  answer: StepAnswer
}

type Post = (path: string, body: unknown) => Promise<string>

const poster =
  (app: { fetch: (request: Request) => Response | Promise<Response> }): Post =>
  async (path, body) => {
    const text = JSON.stringify(body)
    const headers = { 'content-type': 'application/json', 'content-length': `${text.length}` }
    const request = new Request(`${base}${path}`, { method: 'POST', headers, body: text })
    const response = await app.fetch(request)
    if (response.status !== 200) throw new Error(await response.text())
    return response.text()
  }

async function measure(answers: InstantAnswers, rounds: number) {
  const upstream = instantModels(answers)
  let asked = ''
  globalThis.fetch = (input, init) => {
    if (typeof init?.body === 'string') asked = init.body
    return upstream(input, init)
  }
  const deps = benchDeps({ policy: `${base}/v1`, reward: base }, 2 ** 24)
  const cursors = deps.cursors('')
  const post = poster(createApp(deps))
  const start = async () => Position.parse(JSON.parse(await post('/v1/tpo/start', settings)))

  const recorded = new Map<string, Recorded>()
  for (let { cursor, next } = await start(); next !== null;) {
    const answer = StepAnswer.parse(JSON.parse(await post('/v1/tpo/step', { cursor })))
    const { state } = await cursors.open(answer.cursor)
    recorded.set(cursor, { asked, state, answer })
    ;({ cursor, next } = answer)
  }
  const barePost = poster(bare(recorded, cursors))

  const latencies: number[] = []
  const ways = {
    async api() {
      for (let { cursor, next } = await start(); next !== null;) {
        const began = performance.now()
        const text = await post('/v1/tpo/step', { cursor })
        latencies.push(performance.now() - began)
        ;({ cursor, next } = JSON.parse(text) as StepAnswer)
      }
    },
    async bare() {
      for (const cursor of recorded.keys()) JSON.parse(await barePost('/step', { cursor }))
    },
  }
  const names = ['api', 'bare'] as const
  const wall = { api: [] as number[], bare: [] as number[] }
  const processor = { api: [] as number[], bare: [] as number[] }
  for (let round = -5; round < rounds; round++) {
    for (const name of names) {
      const [began, before] = [performance.now(), process.cpuUsage()]
      await Promise.all(Array.from({ length: sideBySide }, ways[name]))
      const { user, system } = process.cpuUsage(before)
      if (round < 0) continue
      wall[name].push((performance.now() - began) / (sideBySide * recorded.size))
      processor[name].push((user + system) / 1000 / (sideBySide * recorded.size))
    }
  }
  latencies.length = 0
  for (let turn = 0; turn < rounds; turn++) await ways.api()

  const perSecond = (name: 'api' | 'bare') => ({
    median: rounded(1000 / median(wall[name]), 0),
    fastest: rounded(1000 / Math.min(...wall[name]), 0),
  })
  const fastest = (name: 'api' | 'bare') => rounded(Math.min(...processor[name]), 3)
  const share = (times: typeof wall) => ({
    of_medians: rounded(median(times.bare) / median(times.api)),
    of_fastest: rounded(Math.min(...times.bare) / Math.min(...times.api)),
  })
  return {
    steps_of_a_run: recorded.size,
    step_ms: { p50: rounded(median(latencies)), p90: rounded(quantile(latencies, 0.9)) },
    steps_per_second: { api: perSecond('api'), bare: perSecond('bare') },
    fastest_ms_of_processor: { api: fastest('api'), bare: fastest('bare') },
    api_over_bare: { throughput: share(wall), processor_time: share(processor) },
  }
}

/** The parts alone. */
function bare(recorded: ReadonlyMap<string, Recorded>, cursors: CursorCodec): Hono {
  const client = new OpenAI({
    baseURL: `${base}/v1`,
    apiKey: 'EMPTY',
    maxRetries: 0,
    logLevel: 'off',
  })
  const app = new Hono()
  app.post('/step', async (c) => {
    const { cursor } = StepRequest.parse(await c.req.json())
    await cursors.open(cursor)
    const known = recorded.get(cursor)
    if (known === undefined) throw new Error('no such step')
    const { asked, state, answer } = known
    if (answer.step.name === 'score') {
      const response = await fetch(`${base}/v1/rewards`, { method: 'POST', body: asked })
      RewardsAnswer.parse(await response.json())
    } else {
      const params = JSON.parse(asked) as ChatCompletionCreateParamsStreaming
      const texts: string[] = []
      for await (const { choices } of await client.chat.completions.create(params)) {
        for (const { index, delta } of choices) {
          texts[index] = (texts[index] ?? '') + (delta.content ?? '')
        }
      }
    }
    const sealed = await cursors.seal(state)
    return c.json({ ...answer, cursor: sealed.cursor })
  })
  return app
}
