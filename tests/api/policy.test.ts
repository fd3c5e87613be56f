import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createPolicy } from '../../api/policy/client.ts'
import { adapt } from '../../api/policy/adapt.ts'
import type { StepAnswer } from '../../shared/tpo.ts'
import { type House, openHouse } from './house.ts'

const key = 'sk-very-secret'
let house: House
beforeAll(async () => {
  house = await openHouse({
    maxModelLen: 2000,
    settings: { policy_api_key: key, policy_timeout_seconds: 60 },
  })
})
afterAll(() => house.close())
beforeEach(() => {
  house.policy.behave({})
  house.reward.behave({})
})

const start = async (more: object = {}) =>
  (await house.client.start({ query: 'Why?', samples: 3, iterations: 1, ...more })).cursor
const sampled = async (more: object = {}): Promise<StepAnswer> =>
  house.client.step(await start(more))

/** A run before its update. */
async function beforeUpdate(more: object = {}): Promise<string> {
  let cursor = await start(more)
  for (const _ of ['sample', 'score', 'loss', 'gradient'])
    ({ cursor } = await house.client.step(cursor))
  return cursor
}

const codes = (answer: StepAnswer) => answer.step.warnings?.map(({ code, count }) => [code, count])
const texts = (answer: StepAnswer) => answer.step.candidates?.map(({ text }) => text)

describe('thinking never reaches the reward model or the critic', () => {
  test.each([
    ['reasoning', { reasoning: 'secret plan', content: 'Hello.' }],
    ['reasoning_content', { reasoning_content: 'secret plan', content: 'Hello.' }],
    ['a block', { content: '<think>secret plan</think>Hello.' }],
    ['a lone closing tag', { content: 'secret plan</think>\n\nHello.' }],
  ])('%s', async (_, written) => {
    house.policy.behave({ write: () => written })
    const { steps, run } = await house.client.run({ query: 'Why?', samples: 2, iterations: 1 })
    expect(steps[0]?.candidates?.[0]).toMatchObject({ text: 'Hello.', thinking: 'secret plan' })
    expect(steps[2]?.text).toBe('Hello.')
    expect(run.best?.text).toBe('Hello.')
    expect(JSON.stringify([house.reward.requests, house.policy.requests])).not.toContain('secret')
  })

  test('an unclosed block leaves no answer: reported, not scored', async () => {
    house.policy.behave({
      write: (_, index) =>
        index === 1 ? { content: '<think>on and on', finish_reason: 'length' } : 'Hi',
    })
    const drawn = await sampled()
    expect(drawn.step.candidates?.[1]).toMatchObject({
      text: '',
      thinking: 'on and on',
      finish_reason: 'length',
    })
    expect(codes(drawn)).toEqual([
      ['empty_answer', 1],
      ['cut_by_length', 1],
    ])
    const scored = await house.client.step(drawn.cursor)
    expect(house.reward.requests[0]?.candidates).toEqual(['Hi', 'Hi'])
    expect(scored.step.candidates?.map(({ reward }) => reward !== undefined)).toEqual([
      true,
      false,
      true,
    ])
    expect(codes(scored)).toEqual([['empty_answer', 1]])
    expect(scored.run.history[0]?.count).toBe(2)
  })

  test('if all are empty the step fails, and the cursor stays good', async () => {
    const cursor = await start()
    house.policy.behave({ write: () => ({ content: '<think>on', finish_reason: 'length' }) })
    const problem = await house.problem('/v1/tpo/step', { cursor })
    expect(problem).toMatchObject({ code: 'policy_empty', status: 502, retryable: true })
    expect(problem.detail).toContain('max_tokens')
    house.policy.behave({})
    expect((await house.client.step(cursor)).step.name).toBe('sample')
  })

  test('no choices at all is the same', async () => {
    house.policy.behave({ noChoices: true })
    expect(await house.problem('/v1/tpo/step', { cursor: await start() })).toMatchObject({
      code: 'policy_empty',
    })
  })

  test('a critique without text is not advice', async () => {
    const drawn = await sampled()
    const { cursor } = await house.client.step(drawn.cursor)
    house.policy.behave({ write: () => '<think>hm' })
    expect(await house.problem('/v1/tpo/step', { cursor })).toMatchObject({ code: 'policy_empty' })
  })
})

describe('answers', () => {
  test('N = 1 is one answer, scored whole, with a warning at its loss', async () => {
    const { steps, run } = await house.client.run({ query: 'Q', samples: 1, iterations: 2 })
    expect(house.reward.requests.map(({ candidates }) => candidates?.length)).toEqual([1, 1, 1])
    expect(run.history.map(({ count }) => count)).toEqual([1, 1, 1])
    const warned = steps
      .filter(({ name }) => name === 'loss')
      .map(({ warnings }) => warnings?.[0]?.code)
    expect(warned).toEqual(['single_answer', undefined])
  })

  test('equal rewards: the loss is as in revision', async () => {
    house.reward.behave({ reward: () => 1 })
    const { steps } = await house.client.run({ query: 'Q', samples: 3, iterations: 1 })
    expect(steps[2]?.warnings).toMatchObject([{ code: 'single_answer', count: 1 }])
    expect(house.policy.requests[1]?.messages.at(-1)?.content).not.toContain('lower_scored')
  })

  test('<SEP> is text like any other', async () => {
    house.policy.behave({ write: () => 'a<SEP>b' })
    const { run } = await house.client.run({ query: 'x<SEP>y', samples: 2, iterations: 1 })
    expect(run.best?.text).toBe('a<SEP>b')
  })

  test('missing tags are repaired and counted, never dropped', async () => {
    const cursor = await beforeUpdate({ samples: 4 })
    const write = ['<answer>A</answer>', '<answer>B', 'C</answer>', 'D']
    house.policy.behave({ write: (_, index) => write[index] ?? '' })
    const answer = await house.client.step(cursor)
    expect(texts(answer)).toEqual(['A', 'B', 'C', 'D'])
    expect(codes(answer)).toEqual([['answer_tags_missing', 3]])
  })

  test('text cut by length is marked', async () => {
    house.policy.behave({ write: () => ({ content: 'cut', finish_reason: 'length' }) })
    const { steps } = await house.client.run({ query: 'Q', samples: 2, iterations: 1 })
    expect(
      steps.map(({ name, warnings }) => [
        name,
        warnings?.find((w) => w.code === 'cut_by_length')?.count,
      ]),
    ).toEqual([
      ['sample', 2],
      ['score', undefined],
      ['loss', 1],
      ['gradient', 1],
      ['update', 2],
      ['score', undefined],
    ])
  })
})

describe('servers differ', () => {
  test.each([{ ignoresN: true }, { refusesN: true }])(
    '%o: N requests with seeds of their own',
    async (quirk) => {
      house.policy.behave(quirk)
      const answer = await sampled({ samples: 4 })
      expect(answer.step.candidates?.map(({ index }) => index)).toEqual([0, 1, 2, 3])
      expect(new Set(texts(answer)).size).toBe(4)
      expect(answer.run.usage.model_calls).toBe(4)
      const seeds = house.policy.requests.map(({ seed }) => seed)
      expect(new Set(seeds.slice(-4)).size).toBe(4)
      const again = await sampled({ samples: 4 })
      expect(texts(again)).toEqual(texts(answer))
    },
  )

  test('no system role: its text leads the user’s', async () => {
    house.policy.behave({ refusesSystem: true })
    const messages = [
      { role: 'system' as const, content: 'Be brief.' },
      { role: 'user' as const, content: 'Why?' },
    ]
    const { run } = await house.client.run({ messages, samples: 2, iterations: 1 })
    expect(run.best).not.toBeNull()
    expect(house.policy.requests[1]?.messages).toEqual([
      { role: 'user', content: 'Be brief.\n\nWhy?' },
    ])
  })

  test('only max_completion_tokens', async () => {
    house.policy.behave({ wantsMaxCompletionTokens: true })
    await sampled({ policy: { max_tokens: 100 } })
    expect(house.policy.requests.at(-1)).toMatchObject({ max_completion_tokens: 100 })
  })

  test('max_tokens fits the context length', async () => {
    await sampled()
    const [fitted] = house.policy.requests
    expect(fitted?.max_tokens).toBeLessThan(2000)
    expect(fitted?.max_tokens).toBeGreaterThan(1900)
    await sampled({ policy: { max_tokens: 100 } })
    expect(house.policy.requests.at(-1)?.max_tokens).toBe(100)
  })

  test('a prompt longer than estimated is fitted by what the server says', () => {
    const params = { model: 'm', n: 1, messages: [], stream: true as const, max_tokens: 3000 }
    const said = [
      "'max_tokens' or 'max_completion_tokens' is too large: 3000. This model's maximum context length is 4096 tokens and your request has 1500 input tokens (3000 > 4096 - 1500).",
      "This model's maximum context length is 4096 tokens. However, you requested 4500 tokens (1500 in the messages, 3000 in the completion).",
    ]
    expect(said.map((words) => adapt(params, words)?.max_tokens)).toEqual([2596, 2596])
    expect(adapt(params, 'temperature must be positive')).toBeUndefined()
  })

  test('extra fields pass through, and cannot replace our own', async () => {
    await sampled({
      policy: { extra_body: { top_k: 7, chat_template_kwargs: { enable_thinking: false }, n: 9 } },
    })
    expect(house.policy.requests[0]).toMatchObject({
      top_k: 7,
      chat_template_kwargs: { enable_thinking: false },
      n: 3,
    })
  })

  test('the critic has settings of its own', async () => {
    await house.client.run({
      query: 'Q',
      samples: 2,
      iterations: 1,
      seed: 11,
      policy: { temperature: 0.1, top_p: 0.2 },
      critic: { temperature: 0.3, top_p: 0.4, max_tokens: 50, extra_body: { top_k: 3 } },
    })
    const [sample, loss, gradient, update] = house.policy.requests
    for (const request of [sample, update])
      expect(request).toMatchObject({ temperature: 0.1, top_p: 0.2 })
    for (const request of [loss, gradient]) {
      expect(request).toMatchObject({ temperature: 0.3, top_p: 0.4, max_tokens: 50, top_k: 3 })
      expect(request?.seed).toBeTypeOf('number')
    }
  })

  test('tokens of the candidates add up to what the server counted', async () => {
    const { step, run } = await sampled({ samples: 5 })
    const tokens = step.candidates?.map(({ tokens }) => tokens) ?? []
    expect(tokens.reduce((sum, count) => sum + count, 0)).toBe(run.usage.completion_tokens)
    expect(run.usage.completion_tokens).toBeGreaterThan(0)
    expect(run.usage.prompt_tokens).toBeGreaterThan(0)
  })

  test('no usage: the stream is counted', async () => {
    house.policy.behave({ withoutUsage: true, write: () => '12345678' })
    const { run } = await sampled({ samples: 2 })
    expect(run.usage.completion_tokens).toBe(4)
  })

  test('the model list is kept for a minute, and asked again after a failure', async () => {
    let now = 0
    const policy = createPolicy({ baseUrl: house.policy.url, timeoutSeconds: 60, clock: () => now })
    const request = {
      messages: [],
      n: 1,
      affinity: '',
      seed: () => 1,
      temperature: 0,
      top_p: 1,
      max_tokens: 9,
    }
    const listener = { delta: () => undefined, finished: () => undefined }
    const draw = () => policy.draw(request, listener, new AbortController().signal)
    const before = house.policy.listed()
    const asked: number[] = []
    for (const time of [0, 59_999, 60_000, 60_001]) {
      now = time
      await draw()
      asked.push(house.policy.listed() - before)
    }
    house.policy.behave({ status: 400 })
    await expect(draw()).rejects.toThrow('400')
    house.policy.behave({})
    await draw()
    expect([...asked, house.policy.listed() - before]).toEqual([1, 1, 2, 2, 3])
  })

  test('a model name goes to the server as it is', async () => {
    const problem = await house.problem('/v1/tpo/step', {
      cursor: await start({ policy: { model: 'server-gpt/Llama:x' } }),
    })
    expect(problem).toMatchObject({ code: 'policy_refused', upstream_status: 404 })
    expect(problem.detail).toContain('server-gpt/Llama:x')
  })
})

describe('failures upstream', () => {
  const step = async () => house.problem('/v1/tpo/step', { cursor: await start() })

  test.each([
    [400, 'policy_refused', 502, false, 3],
    [401, 'policy_refused', 502, false, 1],
    [403, 'policy_refused', 502, false, 1],
    [404, 'policy_refused', 502, false, 1],
    [408, 'policy_timeout', 504, true, 3],
    [429, 'policy_error', 502, true, 3],
    [500, 'policy_error', 502, true, 3],
    [503, 'policy_error', 502, true, 3],
  ])(
    '%i is %s; retried only where it may help',
    async (status, code, answered, retryable, most) => {
      house.policy.behave({ status, message: `no: ${key}` })
      const problem = await step()
      expect(problem).toMatchObject({ code, status: answered, retryable, upstream_status: status })
      expect(house.policy.requests.length).toBeLessThanOrEqual(most)
      expect(JSON.stringify(problem)).not.toContain(key)
      expect(problem.detail).toContain(new URL(house.policy.url).host)
    },
  )

  test('401 says which setting to check', async () => {
    house.policy.behave({ status: 401 })
    expect((await step()).detail).toContain('TPO_POLICY_API_KEY')
  })

  test('the key goes to the policy, as a bearer', async () => {
    const { length } = house.policy.keys
    await sampled()
    expect(house.policy.keys.slice(length)).toEqual([`Bearer ${key}`])
  })

  test('a failure that passes is retried', async () => {
    house.policy.behave({ status: 503, times: 2 })
    expect((await sampled()).step.candidates).toHaveLength(3)
  })

  test.each([
    ['drop', 'policy_unreachable'],
    ['end', 'policy_unreachable'],
    ['error', 'policy_error'],
    ['garbage', 'policy_error'],
  ] as const)('%s in the middle of a stream is %s', async (midStream, code) => {
    const cursor = await start()
    house.policy.behave({ midStream })
    expect(await house.problem('/v1/tpo/step', { cursor })).toMatchObject({
      code,
      status: 502,
      retryable: true,
    })
    house.policy.behave({})
    expect((await house.client.step(cursor)).step.name).toBe('sample')
  })
})

describe('the reward model', () => {
  const scored = async (behaviour: Parameters<House['reward']['behave']>[0]) => {
    const { cursor } = await sampled()
    house.reward.behave(behaviour)
    const problem = await house.problem('/v1/tpo/step', { cursor })
    house.reward.behave({})
    expect((await house.client.step(cursor)).step.name).toBe('score')
    return problem
  }

  test.each([
    [401, 'reward_refused'],
    [404, 'reward_refused'],
    [422, 'reward_refused'],
    [500, 'reward_error'],
    [503, 'reward_error'],
  ] as const)('%i is %s, and says what the service said', async (status, code) => {
    const problem = await scored({
      fails: { status, code: 'too_many_tokens', detail: 'Too long, friend.' },
    })
    expect(problem).toMatchObject({ code, upstream_status: status })
    expect(problem.detail).toContain(status === 401 ? 'TPO_REWARD_API_KEY' : 'Too long, friend.')
  })

  test.each([
    ['no rewards', {}],
    ['a number too few', { rewards: [] }],
    ['no number', { rewards: [{ index: 0, reward: null }] }],
  ])('%s is an error', async (_, body) => {
    const usual = {
      model: 'm',
      dtype: 'f',
      provider: 'p',
      template_hash: '',
      usage: { prompt_tokens: 0, total_tokens: 0 },
      timing: { queue: 0, tokenize: 0, model: 0 },
    }
    expect(await scored({ body: { ...usual, ...body } })).toMatchObject({
      code: 'reward_error',
      status: 502,
    })
  })
})

describe('where nothing answers', () => {
  test('unreachable, with what to do', async () => {
    const lost = await openHouse({
      settings: {
        policy_base_url: 'http://user:hidden@127.0.0.1:9/v1',
        reward_base_url: 'http://127.0.0.1:9',
      },
    })
    try {
      const { cursor } = await lost.client.start({ query: 'Q' })
      const problem = await lost.problem('/v1/tpo/step', { cursor })
      expect(problem).toMatchObject({ code: 'policy_unreachable', status: 502, retryable: true })
      expect(problem.detail).toContain('TPO_POLICY_BASE_URL')
      expect(problem.detail).not.toContain('hidden')
      const ready = await fetch(`${lost.url}/readyz`)
      expect(ready.status).toBe(200)
      expect(await ready.json()).toMatchObject({
        status: 'degraded',
        policy: { ok: false },
        reward: { ok: false },
      })
    } finally {
      await lost.close()
    }
  })

  test('a policy or reward model that hangs is a timeout', async () => {
    const slow = await openHouse({
      settings: { policy_timeout_seconds: 0.3, reward_timeout_seconds: 0.3 },
    })
    try {
      const { cursor } = await slow.client.start({ query: 'Q' })
      slow.policy.behave({ midStream: 'hang' })
      expect(await slow.problem('/v1/tpo/step', { cursor })).toMatchObject({
        code: 'policy_timeout',
        status: 504,
      })
      slow.policy.behave({})
      const drawn = await slow.client.step(cursor)
      slow.reward.behave({ hangs: true })
      expect(await slow.problem('/v1/tpo/step', { cursor: drawn.cursor })).toMatchObject({
        code: 'reward_timeout',
        status: 504,
      })
    } finally {
      await slow.close()
    }
  })
})
