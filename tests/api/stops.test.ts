import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createApp } from '../../api/app.ts'
import { type RunAnswer, type StartRequest, TpoClient } from '../../shared/client.ts'
import { type House, openHouse, present } from './house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())
beforeEach(() => house.policy.behave({}))
afterEach(() => {
  house.reward.behave({})
  if (house.faults.length > 0) throw new Error('a fault of the API itself', { cause: house.faults })
})

/** Rewards by iteration and index; the answers say which they are. */
function rewards(...table: readonly (readonly number[])[]) {
  let iteration = -1
  house.policy.behave({
    write: ({ n }, index) => {
      if (n > 1 && index === 0) iteration++
      return `${iteration} ${index} by ${iteration}`
    },
  })
  house.reward.behave({
    reward: (text) => {
      const [row = 0, column = 0] = text.split(' ').map(Number)
      return present(table[row]?.[column])
    },
  })
}

const run = (stop: StartRequest['stop'], more: Partial<StartRequest> = {}): Promise<RunAnswer> =>
  house.client.run({ query: 'Q', samples: 2, iterations: 3, stop, ...more })

const outcome = ({ run, next, steps }: RunAnswer) => {
  const best = run.best?.reward
  return [run.stop_reason, run.iteration, best, next, steps.at(-1)?.name]
}

test.each([
  ['no stop at all', {}, 'iterations', 3, 5],
  ['a target that is reached', { target_reward: 3 }, 'target_reward', 1, 3],
  ['a target at once', { target_reward: -9 }, 'target_reward', 0, 2],
  ['a target out of reach', { target_reward: 99 }, 'iterations', 3, 5],
  ['one iteration without a better answer', { plateau: 1 }, 'plateau', 2, 3],
  ['two of them never came', { plateau: 2 }, 'iterations', 3, 5],
  ['an iteration that gains too little', { plateau: 1, min_improvement: 1 }, 'plateau', 1, 3],
  ['two that together gain enough', { plateau: 2, min_improvement: 0.5 }, 'iterations', 3, 5],
  ['a small gap', { min_gap: 0.6 }, 'small_gap', 2, 3],
  ['a gap that is not smaller', { min_gap: 0.5 }, 'iterations', 3, 5],
] as const)('%s', async (_, stop, reason, iteration, best) => {
  rewards([1, 2], [0, 3], [2.5, 3], [0, 5])
  expect(outcome(await run(stop))).toEqual([reason, iteration, best, null, 'score'])
})

test('one answer alone has no gap', async () => {
  expect((await run({ min_gap: 9 }, { samples: 1, iterations: 1 })).run.stop_reason).toBe(
    'iterations',
  )
})

test('a token budget ends a run before an iteration that would break it', async () => {
  const free = await run({})
  const spent = (answer: RunAnswer) =>
    answer.run.usage.prompt_tokens + answer.run.usage.completion_tokens
  const all = spent(free)
  expect((await run({ token_budget: 1 })).run).toMatchObject({
    stop_reason: 'token_budget',
    iteration: 0,
    best: { iteration: 0 },
  })
  expect((await run({ token_budget: 2 * all })).run.stop_reason).toBe('iterations')
  const some = await run({ token_budget: Math.round(all / 2) })
  expect(some.run).toMatchObject({ stop_reason: 'token_budget' })
  expect(spent(some)).toBeLessThanOrEqual(all / 2)
})

test('a token budget that is spent by a critique ends the run there', async () => {
  house.policy.behave({ write: ({ n }) => (n > 1 ? 'short' : 'long '.repeat(400)) })
  const answer = await run({ token_budget: 400 })
  expect(outcome(answer)).toEqual(['token_budget', 0, answer.run.best?.reward, null, 'loss'])
})

/** The API on a clock that goes on by so many seconds at every look; timers are real. */
function ticking(seconds: number): TpoClient {
  let now = Date.now()
  const app = createApp({ ...house.deps, clock: () => (now += seconds * 1000) })
  return new TpoClient({
    baseUrl: 'http://localhost',
    fetch: async (url, init) => app.request(String(url), init),
  })
}

test.each([
  [200, 0, 'score', 200],
  [350, 0, 'score', 200],
  [400, 0, 'gradient', 400],
  [850, 1, 'score', 600],
])(
  'a deadline of %i s, on a clock on which a step lasts 100 s',
  async (deadline, iteration, last, seconds) => {
    const request = { query: 'Q', samples: 2, iterations: 3, stop: { deadline } }
    const { run, next, steps } = await ticking(100).run(request)
    expect(run).toMatchObject({ stop_reason: 'deadline', iteration, usage: { seconds } })
    expect(run.best).not.toBeNull()
    expect([next, steps.at(-1)?.name]).toEqual([null, last])
  },
)

/** Long enough for what the fake does at once, short enough to wait for. */
test('a deadline that is no whole number of milliseconds', async () => {
  for (const deadline of [2.3, 60.0001]) {
    expect((await run({ deadline }, { iterations: 0 })).run.stop_reason).toBe('iterations')
  }
})

const soon = { deadline: 1 }

test('a deadline within the first draw keeps the answers that are complete', async () => {
  house.policy.behave({
    write: (_, index) => (index === 1 ? 'ab' : 'a much longer answer that does not end in time'),
    // Roles of three, then the first piece of each, then the end of the short one.
    midStream: 'hang',
    after: 8,
  })
  const answer = await house.client.run({ query: 'Q', samples: 3, stop: soon })
  expect(answer.run).toMatchObject({
    stop_reason: 'deadline',
    best: { text: 'ab', index: 1 },
    history: [{ count: 1 }],
    usage: { model_calls: 1, completion_tokens: 4, reward_calls: 1 },
  })
  expect(answer.steps).toMatchObject([
    { candidates: [{ index: 1, text: 'ab' }], warnings: [{ code: 'cut_by_deadline', count: 2 }] },
    { name: 'score' },
  ])
})

test('a deadline before any answer is complete says so; the cursor is still good', async () => {
  house.policy.behave({ midStream: 'hang' })
  const { cursor } = await house.client.start({ query: 'Q', stop: soon })
  expect(await house.problem('/v1/tpo/step', { cursor })).toMatchObject({
    status: 504,
    code: 'policy_timeout',
  })
  house.policy.behave({})
  expect((await house.client.step(cursor)).step.name).toBe('sample')
})

test.each([
  ['loss', 1],
  ['gradient', 2],
  ['update', 3],
])('a deadline within %s ends the run with the best answer so far', async (name, whole) => {
  const midStream = [...Array.from({ length: whole }, () => 'whole' as const), 'hang' as const]
  house.policy.behave({ midStream })
  // Where the clock stands still, what the steps before it lasted does not count.
  const answer = await ticking(0).run({ query: 'Q', samples: 2, stop: soon })
  expect(outcome(answer)).toEqual(['deadline', 0, answer.run.best?.reward, null, name])
  expect(answer.steps.at(-1)).toMatchObject({ warnings: [{ code: 'cut_by_deadline' }] })
  expect(answer.run.best).not.toBeNull()
  expect(await house.problem('/v1/tpo/step', { cursor: answer.cursor })).toMatchObject({
    code: 'run_finished',
  })
})

test('a failure before the deadline is a failure', async () => {
  house.policy.behave({ status: 401 })
  expect(await house.problem('/v1/tpo/run', { query: 'Q', stop: soon })).toMatchObject({
    code: 'policy_refused',
  })
})

test.each([
  [{ min_improvement: 1 }, '$.stop.min_improvement'],
  [{ plateau: 0 }, '$.stop.plateau'],
  [{ deadline: 0 }, '$.stop.deadline'],
  [{ patience: 1 }, '$.stop.patience'],
])('%o is refused', async (stop, path) => {
  expect(await house.problem('/v1/tpo/start', { query: 'Q', stop })).toMatchObject({
    status: 422,
    path,
  })
})
