/** A run scores each answer as it finishes, while others are still drawn. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { RunRequest, StreamEvent } from '../../shared/client.ts'
import { ProblemError } from '../../shared/problems.ts'
import type { Behaviour } from '../fakes/fake-vllm.ts'
import { type House, openHouse, present } from './house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())
beforeEach(() => {
  house.policy.behave({})
  house.reward.behave({})
})
afterEach(() => {
  if (house.faults.length > 0) throw new Error('a fault of the API itself', { cause: house.faults })
})

const scored = () => house.reward.requests.map(({ candidates }) => candidates)

/** Three answers of one, two and three tokens: so many events until the first, the second is finished. */
const texts = ['one.', 'one.two.', 'one.two.end.']
const untilFinished = [8, 11]
const uneven: Behaviour = { write: (_, index) => present(texts[index]) }
/** Of which the client makes no second attempt itself. */
const refused = { status: 400, code: 'invalid_request', detail: 'No.' } as const
const busy = { status: 503, code: 'overloaded', detail: 'Busy.' } as const
const bon = { query: 'Q', samples: 3, iterations: 0 }

/** A run whose events are kept, and which tells when an answer is scored. */
function watched(request: RunRequest) {
  const events: StreamEvent[] = []
  const rewarded = texts.map(() => Promise.withResolvers<void>())
  const onEvent = (event: StreamEvent) => {
    events.push(event)
    if (event.type === 'score') rewarded[event.index]?.resolve()
  }
  return { events, rewarded, run: house.client.run(request, { onEvent }) }
}

test.each([0, 1])('answer %i is scored while the last is not finished', async (index) => {
  const rest = Promise.withResolvers<void>()
  house.policy.behave({ ...uneven, after: untilFinished[index], halted: rest.promise })
  const { events, rewarded, run } = watched(bon)
  await Promise.all(rewarded.slice(0, index + 1).map(({ promise }) => promise))
  rest.resolve()
  const { steps } = await run
  const told = events.flatMap((event) => (event.type === 'score' ? [event] : []))
  expect(told.map((event) => event.index).sort()).toEqual([0, 1, 2])
  const rewards = new Map(told.map(({ index, reward }) => [index, reward]))
  const [, score] = steps
  expect(score?.candidates?.map(({ reward }) => reward)).toEqual(
    [0, 1, 2].map((i) => rewards.get(i)),
  )
  expect(scored().flat().sort()).toEqual(texts)
})

test('whatever finishes while a request is under way goes with the next', async () => {
  const second = Promise.withResolvers<void>()
  house.policy.behave(uneven)
  house.reward.behave({
    held: ({ candidates }) => (candidates?.[0] === 'one.' ? second.promise : undefined),
  })
  const { run } = watched(bon)
  await house.reward.asked(2)
  second.resolve()
  await run
  expect(scored()).toEqual([['one.'], ['one.two.', 'one.two.end.']])
})

test.each(['while others are drawn', 'while all wait for it'])(
  'an early request that fails %s is no failure of the run: the answers are asked for again',
  async (when) => {
    const early = when === 'while others are drawn'
    const open = Promise.withResolvers<void>()
    if (early) house.policy.behave({ ...uneven, after: untilFinished[1], halted: open.promise })
    else house.policy.behave(uneven)
    house.reward.behave({
      fails: { ...refused, times: 1 },
      held: ({ candidates }) => (early || candidates?.[0] !== 'one.' ? undefined : open.promise),
    })
    const { run } = watched(bon)
    await house.reward.asked(early ? 1 : 2)
    open.resolve()
    expect((await run).run).toMatchObject({ history: [{ count: 3 }], usage: { reward_calls: 1 } })
    expect(scored().slice(1).flat().sort()).toEqual(texts)
  },
)

test('a reward model that fails for good leaves the drawn answers in the cursor', async () => {
  const rest = Promise.withResolvers<void>()
  house.policy.behave({ ...uneven, after: untilFinished[1], halted: rest.promise })
  house.reward.behave({ fails: busy })
  const { events, run } = watched(bon)
  await house.reward.asked(1)
  rest.resolve()
  const failure = await run.catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(ProblemError)
  expect(failure).toMatchObject({ problem: { code: 'reward_error', upstream_status: 503 } })
  // One early, which was enough, and the step's own, each three times.
  expect(scored()).toHaveLength(6)
  const [drawn] = events.flatMap((event) => (event.type === 'step' ? [event] : []))
  const { cursor, next } = present(drawn)
  expect(next).toEqual({ step: 'score', iteration: 0 })
  house.reward.behave({})
  expect((await house.client.step(cursor)).run.history).toMatchObject([{ count: 3 }])
  expect(house.policy.requests).toHaveLength(1)
})

test('a run that ends before its scores asks for none', async () => {
  house.policy.behave(uneven)
  const first = await house.client.run({ ...bon, until: { step: 'score', iteration: 0 } })
  expect(scored()).toEqual([])
  await house.client.run({
    query: 'Q',
    samples: 3,
    iterations: 1,
    until: { step: 'score', iteration: 1 },
  })
  expect(scored().flat()).toHaveLength(3)
  const dropped = await house.client.run({ cursor: first.cursor, edit: { drop: [1] } })
  expect(dropped.steps[0]?.candidates?.map(({ index }) => index)).toEqual([0, 2])
})

test('equal answers are scored once, and each has the reward', async () => {
  house.policy.behave({ write: () => 'The same.' })
  const { steps, run } = await house.client.run(bon)
  expect(scored().flat()).toEqual(['The same.'])
  expect(new Set(steps[1]?.candidates?.map(({ reward }) => reward)).size).toBe(1)
  expect(run.history).toMatchObject([{ count: 3, std: 0 }])
})

test('of rewards, usage and warnings nothing differs from steps taken one by one', async () => {
  const request = { query: 'Why?', samples: 4, iterations: 2, reward: { explain: true } }
  house.policy.behave({
    write: ({ seed = 0 }, index) =>
      index === 2
        ? ''
        : {
            content: `${seed} `.repeat(1 + ((index * 3) % 4)),
            finish_reason: index === 3 ? 'length' : 'stop',
          },
  })
  const whole = await house.client.run(request)
  const asked = scored().flat().sort()
  house.reward.behave({})
  const steps = []
  for (let { cursor, next } = await house.client.start(request); next !== null;) {
    const answer = await house.client.step(cursor)
    steps.push(answer)
    ;({ cursor, next } = answer)
  }
  expect(whole.steps).toEqual(steps.map(({ step }) => step))
  expect({ ...whole.run, id: '', usage: { ...whole.run.usage, seconds: 0 } }).toEqual({
    ...present(steps.at(-1)).run,
    id: '',
    usage: { ...present(steps.at(-1)).run.usage, seconds: 0 },
  })
  expect(asked).toEqual(scored().flat().sort())
})
