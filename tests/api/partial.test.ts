/** Answers that were finished are kept when others are not. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { seed } from '../../api/algorithm/seeds.ts'
import type { StepAnswer } from '../../shared/tpo.ts'
import type { Behaviour } from '../fakes/fake-vllm.ts'
import { type House, openHouse } from './house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse({ settings: { policy_timeout_seconds: 1 } })
})
afterAll(() => house.close())
beforeEach(() => house.policy.behave({}))

const runSeed = 7
const start = async (samples = 3) =>
  (await house.client.start({ query: 'Why?', samples, iterations: 1, seed: runSeed })).cursor
const indexes = ({ step }: StepAnswer) => step.candidates?.map(({ index }) => index)
const codes = ({ step }: StepAnswer) => step.warnings?.map(({ code, count }) => [code, count])
const seedOf = (index: number) => seed(runSeed, 0, 'sample', index)

/** Three answers of one, three and three tokens: after eight events only the first is finished. */
const uneven: Behaviour = {
  write: (_, index) => (index === 0 ? 'one.' : 'one.two.end.'),
  after: 8,
}

describe('one request for N answers whose stream breaks', () => {
  test.each(['drop', 'end', 'error'] as const)(
    '%s: the same is asked again, and the answers are those of a stream that did not break',
    async (midStream) => {
      const cursor = await start()
      house.policy.behave({ ...uneven, midStream: [midStream, 'whole'] })
      const answer = await house.client.step(cursor)
      expect(answer.step.candidates?.map(({ text }) => text)).toEqual([
        'one.',
        'one.two.end.',
        'one.two.end.',
      ])
      expect(answer.step.warnings).toBeUndefined()
      const [first, second, ...more] = house.policy.requests
      expect(second).toEqual(first)
      expect(more).toEqual([])
      // What broke off was spent too.
      expect(answer.run.usage.model_calls).toBe(2)
      const { prompt_tokens, completion_tokens } = answer.run.usage
      house.policy.behave(uneven)
      const { run } = await house.client.step(await start())
      expect(prompt_tokens).toBe(run.usage.prompt_tokens)
      expect(completion_tokens).toBeGreaterThan(run.usage.completion_tokens)
    },
  )

  test.each([
    ['drop', 3],
    ['end', 3],
    ['error', 3],
    ['garbage', 1],
    ['hang', 1],
    ['trickle', 1],
  ] as const)(
    '%s, for good: what was finished is kept, and the step says what is missing',
    async (midStream, requests) => {
      const cursor = await start()
      house.policy.behave({ ...uneven, midStream })
      const answer = await house.client.step(cursor)
      expect(indexes(answer)).toEqual([0])
      expect(codes(answer)).toEqual([['answers_missing', 2]])
      expect(answer.step.warnings?.[0]?.detail).toContain(new URL(house.policy.url).host)
      // The unfinished answers' tokens were spent too.
      expect(house.policy.requests).toHaveLength(requests)
      expect(answer.run.usage.model_calls).toBe(requests)
      const [kept] = answer.step.candidates ?? []
      expect(kept?.tokens).toBe(1)
      expect(answer.run.usage.completion_tokens).toBeGreaterThan(1)

      house.policy.behave({})
      const scored = await house.client.step(answer.cursor)
      expect(scored.run.history).toMatchObject([{ count: 1 }])
      expect(scored.next).toEqual({ step: 'loss', iteration: 1 })
    },
  )

  test('the cursor before it asks for exactly the same again', async () => {
    const cursor = await start()
    house.policy.behave({ ...uneven, midStream: 'end' })
    expect(indexes(await house.client.step(cursor))).toEqual([0])
    const [broken] = house.policy.requests
    house.policy.behave({})
    const whole = await house.client.step(cursor)
    expect(indexes(whole)).toEqual([0, 1, 2])
    expect(whole.step.warnings).toBeUndefined()
    expect(house.policy.requests).toEqual([broken])
  })

  test('an answer that comes otherwise the second time is told no further until it is whole', async () => {
    let draws = 0
    const write: Behaviour['write'] = (_, index) => {
      if (index === 0) draws++
      return `The same beginning, then ${draws === 1 ? 'one' : 'quite another'} end.`
    }
    house.policy.behave({ write, midStream: ['drop', 'whole'], after: 8 })
    const told: string[] = []
    const whole: string[] = []
    const { step } = await house.client.step(await start(1), {
      onEvent(event) {
        if (event.type === 'delta') told.push(event.text)
        if (event.type === 'candidate') whole.push(event.candidate.text)
      },
    })
    expect(told.join('')).toBe('The same beginning, then one')
    expect(whole).toEqual(['The same beginning, then quite another end.'])
    expect(step.candidates?.map(({ text }) => text)).toEqual(whole)
  })

  test('a stream that breaks after its last answer lacks nothing', async () => {
    const cursor = await start()
    house.policy.behave({ write: () => 'one.', midStream: 'drop', after: 9 })
    const answer = await house.client.step(cursor)
    expect(indexes(answer)).toEqual([0, 1, 2])
    expect(answer.step.warnings).toBeUndefined()
  })
})

describe.each(['ignoresN', 'refusesN'] as const)('N requests, one each (%s)', (quirk) => {
  test.each([1, 2])('answer %i fails for good: the others are kept', async (lost) => {
    const cursor = await start()
    const status = (request: { n: number; seed?: number }) =>
      request.n === 1 && request.seed === seedOf(lost) ? 503 : undefined
    house.policy.behave({ [quirk]: true, status, message: 'Down.' })
    const answer = await house.client.step(cursor)
    expect(indexes(answer)).toEqual([0, 1, 2].filter((index) => index !== lost))
    expect(codes(answer)).toEqual([['answers_missing', 1]])
    expect(answer.step.warnings?.[0]?.detail).toContain('HTTP 503')
    expect(answer.run.usage.model_calls).toBe(2)
    house.policy.behave({ [quirk]: true })
    expect(indexes(await house.client.step(cursor))).toEqual([0, 1, 2])
  })
})

test('no `n`: the others are asked for before the first one is finished', async () => {
  const cursor = await start()
  // The refusal of `n`, then the first single request, which never ends.
  house.policy.behave({ refusesN: true, midStream: ['whole', 'trickle', 'whole', 'whole'] })
  const answer = await house.client.step(cursor)
  expect(indexes(answer)).toEqual([1, 2])
  expect(codes(answer)).toEqual([['answers_missing', 1]])
})

test('not one came: the step fails with what went wrong first', async () => {
  const cursor = await start()
  house.policy.behave({ refusesN: true, midStream: 'error' })
  expect(await house.problem('/v1/tpo/step', { cursor })).toMatchObject({ code: 'policy_error' })
  house.policy.behave({ hangs: true })
  expect(await house.problem('/v1/tpo/step', { cursor })).toMatchObject({ code: 'policy_timeout' })
  house.policy.behave({ midStream: 'trickle' })
  expect(await house.problem('/v1/tpo/step', { cursor })).toMatchObject({ code: 'policy_timeout' })
})

describe('servers differ', () => {
  test('no seeds: asked without, and the step says so', async () => {
    house.policy.behave({ refusesSeed: true })
    const { steps } = await house.client.run({ query: 'Q', samples: 2, iterations: 1 })
    expect(steps.map(({ warnings }) => warnings?.map(({ code }) => code))).toEqual([
      ['seed_refused'],
      undefined,
      ['seed_refused'],
      ['seed_refused'],
      ['seed_refused'],
      undefined,
    ])
  })

  test('everything at once: no n, no seed, no system role, only max_completion_tokens', async () => {
    house.policy.behave({
      refusesN: true,
      refusesSeed: true,
      refusesSystem: true,
      wantsMaxCompletionTokens: true,
    })
    const messages = [
      { role: 'system' as const, content: 'Be brief.' },
      { role: 'user' as const, content: 'Why?' },
    ]
    const { cursor } = await house.client.start({ messages, samples: 4 })
    const answer = await house.client.step(cursor)
    expect(indexes(answer)).toEqual([0, 1, 2, 3])
    expect(codes(answer)).toEqual([['seed_refused', 1]])
    // Four refusals and four answers: what one request learned, the others know.
    expect(house.policy.requests).toHaveLength(8)
    expect(answer.run.usage.model_calls).toBe(4)
  })

  test.each([
    ['vLLM before 0.10', (message: string) => ({ object: 'error', message, code: 400 })],
    ['FastAPI', (msg: string) => ({ detail: [{ loc: ['body', 'seed'], msg }] })],
    ['FastAPI, in words', (detail: string) => ({ detail })],
    ['Ollama', (error: string) => ({ error })],
    ['no JSON', (message: string) => message],
  ])('refusals are understood as %s words them', async (_, body) => {
    house.policy.behave({ refusesSeed: true, body })
    expect(codes(await house.client.step(await start()))).toEqual([['seed_refused', 1]])
    house.policy.behave({ status: 400, message: 'Bad luck, friend', body })
    const problem = await house.problem('/v1/tpo/step', { cursor: await start() })
    expect(problem.detail).toContain('Bad luck, friend')
  })

  test('a prompt longer than the context is refused in the words of the server, once', async () => {
    const { cursor } = await house.client.start({ query: 'why '.repeat(9000) })
    const problem = await house.problem('/v1/tpo/step', { cursor })
    expect(problem).toMatchObject({ code: 'policy_refused', retryable: false })
    expect(problem.detail).toContain('maximum context length is 8192 tokens')
    expect(house.policy.requests).toHaveLength(1)
  })

  test('samples that are all the same: scored, and the loss sees no rejected one', async () => {
    house.policy.behave({ write: () => 'The same.' })
    const { steps, run } = await house.client.run({ query: 'Q', samples: 3, iterations: 1 })
    expect(run.history.map(({ count, std }) => [count, std])).toEqual([
      [3, 0],
      [3, 0],
    ])
    expect(steps[2]?.warnings).toMatchObject([{ code: 'single_answer' }])
    expect(run.best).toMatchObject({ text: 'The same.', iteration: 0, index: 0 })
  })
})
