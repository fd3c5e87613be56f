/** Foreign reward servers in place of our reward service. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createReward } from '../../api/reward/client.ts'
import { SettingsError } from '../../shared/settings.ts'
import { Readiness } from '../../shared/tpo.ts'
import { usualReward } from '../fakes/fake-reward.ts'
import {
  type FakeRewardServer,
  type Misbehaviour,
  startFakeOpenRlhf,
  startFakeSglang,
  startFakeTei,
  startFakeVllmRewards,
} from '../fakes/fake-reward-servers.ts'
import { fixture } from '../inference/fixtures.ts'
import { type RewardService, serveModel } from '../reward-service/serve-model.ts'
import { type House, openHouse, present } from './house.ts'

const query = 'Thank Ana for the flowers'
const conversation = [
  { role: 'system' as const, content: 'Be brief.' },
  { role: 'user' as const, content: query },
]

/** As reward models for chats have one, BOS included. */
const reward_chat_template =
  "{{ bos_token }}{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"

/** The answers of a run up to its first score. */
async function scored(house: House, start: object = {}) {
  const { cursor } = await house.client.start({ query, ...start })
  const drawn = await house.client.step(cursor)
  const { candidates } = (await house.client.step(drawn.cursor)).step
  return present(candidates).map(({ text, reward }) => ({ text, reward: present(reward) }))
}

/** The problem of the score step. */
async function refused(house: House, start: object = { query }) {
  const { cursor } = await house.client.start(start)
  const drawn = await house.client.step(cursor)
  return house.problem('/v1/tpo/step', { cursor: drawn.cursor })
}

const readiness = async (house: House) =>
  Readiness.parse(await (await fetch(`${house.url}/readyz`)).json())

describe('the foreign addresses of our own reward service, with a real model', () => {
  let service: RewardService
  beforeAll(async () => {
    service = await serveModel(fixture('tiny-reward-fp32'))
  })
  afterAll(() => service.close())

  const withApi = async <T>(reward_api: string, use: (house: House) => Promise<T>) => {
    const house = await openHouse({ settings: { reward_api, reward_base_url: service.url } })
    try {
      return await use(house)
    } finally {
      await house.close()
    }
  }

  test.each(['vllm', 'tei', 'tpo'])('%s: the rewards of /v1/rewards', async (api) => {
    await withApi(api, async (house) => {
      const answers = await scored(house)
      const texts = answers.map(({ text }) => text)
      const wanted = await service.rewards([{ role: 'user', content: query }], texts)
      expect(answers.map(({ reward }) => reward)).toEqual(wanted)
      expect(new Set(wanted).size).toBe(5)
      expect(await readiness(house)).toMatchObject({ status: 'ready', reward: { ok: true } })
    })
  })

  test('vllm: conversations too', async () => {
    await withApi('vllm', async (house) => {
      const start = {
        query: undefined,
        messages: conversation,
        reward: { model: 'tiny-reward-fp32' },
      }
      const answers = await scored(house, start)
      const texts = answers.map(({ text }) => text)
      expect(answers.map(({ reward }) => reward)).toEqual(
        await service.rewards(conversation, texts),
      )
    })
  })

  test('openrlhf: question and answer as plain text', async () => {
    await withApi('openrlhf', async (house) => {
      const answers = await scored(house)
      const response = await service.post('/get_reward', {
        query: answers.map(({ text }) => `${query}\n\n${text}`),
      })
      expect(await response.json()).toMatchObject({
        rewards: answers.map(({ reward }) => reward),
      })
      expect(await readiness(house)).toMatchObject({ status: 'ready', reward: { ok: true } })
    })
  })

  test('reward.explain tells of every candidate what was read, and the cursor stays small', async () => {
    await withApi('tpo', async (house) => {
      const scoredWith = async (reward: object) => {
        const { cursor } = await house.client.start({ query, reward })
        const drawn = await house.client.step(cursor)
        return house.client.step(drawn.cursor)
      }
      const [plain, explained] = [await scoredWith({}), await scoredWith({ explain: true })]
      for (const { text, reward_detail } of present(explained.step.candidates)) {
        const detail = present(reward_detail)
        expect(detail).toMatchObject({ truncated: false, pooled_token: { text: '<|end|>' } })
        expect(detail.rendered).toMatch(/^<\|begin\|>/)
        expect(detail.rendered).toContain(query)
        expect(detail.rendered).toContain(`${text.trim()}<|end|>`)
        expect(detail.pooled_token?.position).toBe(detail.tokens - 1)
      }
      for (const { reward_detail } of present(plain.step.candidates)) {
        expect(reward_detail).toBeUndefined()
      }
      expect(explained.cursor.length).toBeLessThan(plain.cursor.length + 40)
    })
  })

  test('reward.truncate makes a long question fit, with a warning', async () => {
    await withApi('tpo', async (house) => {
      const long = { query: 'A word. '.repeat(300) }
      expect(await refused(house, long)).toMatchObject({
        code: 'reward_refused',
        detail: expect.stringMatching(/has \d+ tokens, .* takes 512/),
      })
      const { cursor } = await house.client.start({ ...long, reward: { truncate: true } })
      const drawn = await house.client.step(cursor)
      const { step } = await house.client.step(drawn.cursor)
      expect(step.warnings).toMatchObject([{ code: 'reward_truncated', count: 5 }])
      expect(present(step.candidates).every(({ reward }) => Number.isFinite(reward))).toBe(true)
    })
  })

  test('a server that speaks something else is named in what to do', async () => {
    const house = await openHouse({ settings: { reward_api: 'openrlhf' } })
    const problem = await refused(house)
    expect(problem).toMatchObject({ code: 'reward_refused', upstream_status: 404 })
    expect(problem.detail).toContain('TPO_REWARD_API')
    expect(await readiness(house)).toMatchObject({ status: 'degraded', reward: { ok: false } })
    await house.close()
  })
})

describe.each([
  ['vllm', startFakeVllmRewards],
  ['sglang', startFakeSglang],
  ['tei', startFakeTei],
  ['openrlhf', startFakeOpenRlhf],
] as const)('a fake of a %s server', (reward_api, startServer) => {
  let server: FakeRewardServer
  let house: House
  beforeAll(async () => {
    server = await startServer()
    // vLLM's own habit is an address that ends in /v1.
    const settings = { reward_api, reward_base_url: `${server.url}/v1/`, reward_api_key: 'k1' }
    house = await openHouse({ settings: { ...settings, reward_chat_template } })
  })
  afterAll(async () => {
    await house.close()
    await server.close()
    if (house.faults.length > 0) throw new Error('a fault of the API', { cause: house.faults })
  })

  test('raw rewards, in order, of as many candidates as there are', async () => {
    server.behave({})
    const answers = await scored(house, { samples: 40 })
    const sent = {
      vllm: (text: string) => text,
      sglang: (text: string) => `<|user|>${query}<|end|><|assistant|>${text}<|end|>`,
      tei: (text: string) => text,
      openrlhf: (text: string) => `${query}\n\n${text}`,
    }[reward_api]
    expect(answers.map(({ reward }) => reward)).toEqual(
      answers.map(({ text }) => usualReward(sent(text))),
    )
    expect(new Set(server.keys)).toEqual(new Set(['Bearer k1']))
    expect(server.requests).toHaveLength({ vllm: 40, sglang: 1, tei: 2, openrlhf: 1 }[reward_api])
    expect(await readiness(house)).toMatchObject({ status: 'ready', reward: { ok: true } })
  })

  test.each(['explain', 'truncate'])('reward.%s is refused before any call', async (field) => {
    server.behave({})
    house.policy.behave({})
    for (const path of ['/v1/tpo/start', '/v1/tpo/run']) {
      const problem = await house.problem(path, { query, reward: { [field]: true } })
      expect(problem).toMatchObject({ code: 'invalid_request', path: `$.reward.${field}` })
      expect(problem.detail).toMatch(/TPO_REWARD_API=tpo/)
    }
    expect(house.policy.requests.length + server.requests.length).toBe(0)
    const { next } = await house.client.start({ query, reward: { [field]: false } })
    expect(next).toMatchObject({ step: 'sample' })
  })

  const good = {
    vllm: { data: [{ index: 0, label: 'L', probs: [1], num_classes: 1 }] },
    sglang: [{ embedding: [1], meta_info: {} }],
    tei: [[{ score: 1, label: 'L' }]],
    openrlhf: { rewards: [1] },
  }[reward_api]
  const json = JSON.stringify(good)

  test.each<[string, string, Misbehaviour]>([
    ['NaN', 'reward_error', { body: json.replace('1', 'NaN') }],
    [
      'null',
      'reward_error',
      { body: json.replace(/:1\b|\[1\b/, (one) => one.replace('1', 'null')) },
    ],
    ['an infinite number', 'reward_error', { body: json.replaceAll('1', '1e999') }],
    ['another contract', 'reward_error', { body: '{"results": []}' }],
    ['a page', 'reward_error', { body: '<html>' }],
    ['nothing', 'reward_error', { body: '' }],
    ['a fault', 'reward_error', { status: 500, body: 'Internal Server Error' }],
    ['too much', 'reward_error', { status: 429, body: '{"error": "Model is overloaded"}' }],
    [
      'a key that is wrong',
      'reward_refused',
      { status: 401, body: '{"error": "Unauthorized k1"}' },
    ],
  ])('%s is %s', async (_, code, misbehaviour) => {
    server.behave(misbehaviour)
    const problem = await refused(house, { query, samples: 1 })
    expect(problem).toMatchObject({ code, status: 502 })
    expect(problem.detail).not.toContain('k1')
  })

  test('fewer rewards than candidates are an error', async () => {
    const none = { vllm: '{"data": []}', sglang: '[]', tei: '[]', openrlhf: '{"rewards": []}' }[
      reward_api
    ]
    server.behave({ body: none })
    expect(await refused(house)).toMatchObject({ code: 'reward_error' })
    const one = { vllm: '{"data": []}', sglang: json, tei: json, openrlhf: json }[reward_api]
    server.behave({ body: one })
    expect(await refused(house)).toMatchObject({ code: 'reward_error' })
  })

  test('more than one label is an error', async () => {
    const two = {
      vllm: '{"data": [{"probs": [1, 2]}]}',
      sglang: '[{"embedding": [1, 2], "meta_info": {}}]',
      tei: '[[{"score": 1, "label": "A"}, {"score": 2, "label": "B"}]]',
      openrlhf: '{"rewards": [[1, 2]]}',
    }[reward_api]
    server.behave({ body: two })
    const problem = await refused(house, { query, samples: 1 })
    expect(problem).toMatchObject({ code: 'reward_error' })
    expect(problem.detail).toContain('TPO_REWARD_API')
  })

  test('its own words are passed on', async () => {
    const words = 'the input has 9001 tokens'
    const body = JSON.stringify(
      {
        vllm: { error: { message: words, type: 'BadRequestError', param: null, code: 400 } },
        sglang: { error: { message: words } },
        tei: { error: words, error_type: 'Validation' },
        openrlhf: { detail: words },
      }[reward_api],
    )
    server.behave({ status: 413, body })
    const problem = await refused(house)
    expect(problem).toMatchObject({ code: 'reward_refused', upstream_status: 413 })
    expect(problem.detail).toMatch(/: the input has 9001 tokens\.$/)
  })
})

describe.each([
  ['tei', startFakeTei],
  ['openrlhf', startFakeOpenRlhf],
] as const)('%s knows no roles and one model', (reward_api, startServer) => {
  const turns = [
    { role: 'user', content: 'Hello' },
    { role: 'assistant', content: 'Hello!' },
    { role: 'user', content: query },
  ]
  test.each([
    { messages: conversation },
    { messages: turns },
    { query, reward: { model: 'fake-rm' } },
  ])('refused before anything is sent: %j', async (start) => {
    const server = await startServer()
    const house = await openHouse({ settings: { reward_api, reward_base_url: server.url } })
    const problem = await refused(house, start)
    expect(problem).toMatchObject({ code: 'reward_refused', status: 502, retryable: false })
    expect(server.requests).toEqual([])
    await house.close()
    await server.close()
  })
})

describe('sglang', () => {
  const openWith = async (reward_chat_template: string) => {
    const server = await startFakeSglang()
    const house = await openHouse({
      settings: { reward_api: 'sglang', reward_base_url: server.url, reward_chat_template },
    })
    const close = () => Promise.all([house.close(), server.close()])
    return { server, house, close }
  }

  test('conversations, rendered as the model was trained, in one request', async () => {
    const { server, house, close } = await openWith(reward_chat_template)
    const start = { query: undefined, messages: conversation, samples: 3 }
    const answers = await scored(house, start)
    expect(server.requests).toEqual([
      {
        text: answers.map(
          ({ text }) =>
            `<|system|>Be brief.<|end|><|user|>${query}<|end|><|assistant|>${text}<|end|>`,
        ),
      },
    ])
    await close()
  })

  test('its own words when a text is too long', async () => {
    const { house, close } = await openWith(`${'-'.repeat(32_768)}${reward_chat_template}`)
    const problem = await refused(house)
    expect(problem).toMatchObject({ code: 'reward_refused', upstream_status: 400 })
    expect(problem.detail).toContain("is longer than the model's context length (32768 tokens).")
    await close()
  })

  test.each([
    [{ error: 'Unauthorized words' }],
    [{ object: 'error', message: 'words', type: 'Bad Request', param: null, code: 400 }],
  ])('each shape of its errors: %j', async (body) => {
    const { server, house, close } = await openWith(reward_chat_template)
    server.behave({ status: 400, body: JSON.stringify(body) })
    expect((await refused(house)).detail).toMatch(/\(HTTP 400\): (Unauthorized )?words\.$/)
    await close()
  })

  test('refuses before anything is sent: what the template refuses, another model', async () => {
    const { server, house, close } = await openWith(
      `{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}${reward_chat_template}`,
    )
    const system = await refused(house, { messages: conversation })
    expect(system).toMatchObject({ code: 'reward_refused', retryable: false })
    expect(system.detail).toContain('refuses this conversation: System role not supported.')
    const other = await refused(house, { query, reward: { model: 'other' } })
    expect(other).toMatchObject({ code: 'reward_refused' })
    expect(server.requests).toEqual([])
    await close()
  })

  test.each([
    [undefined, /must hold the reward model's chat template/],
    ['/models/chat_template.jinja', /must hold the reward model's chat template/],
    ['{% for %}', /holds no chat template: /],
    ["{{ raise_exception('never') }}", /holds no chat template: never$/],
    [
      `${reward_chat_template}{{ eos_token }}`,
      /names eos_token, .* begin the template with \{% set/,
    ],
  ])('a template of no use is a wrong setting: %j', (chatTemplate, message) => {
    const create = () =>
      createReward({
        baseUrl: 'http://gpu',
        api: 'sglang',
        chatTemplate,
        timeoutSeconds: 1,
        clock: Date.now,
      })
    expect(create).toThrow(SettingsError)
    expect(create).toThrow(message)
  })

  test('a template that says its own tokens', async () => {
    const { server, house, close } = await openWith(
      "{% set eos_token = '</s>' %}{{ messages[0]['content'] }}{{ eos_token }}",
    )
    await scored(house, { samples: 1 })
    expect(server.requests).toEqual([{ text: [`${query}</s>`] }])
    await close()
  })
})

test('vllm: what it says of a model that it has not', async () => {
  const server = await startFakeVllmRewards()
  const settings = { reward_api: 'vllm', reward_base_url: server.url }
  const house = await openHouse({ settings })
  const problem = await refused(house, { query, reward: { model: 'other' } })
  expect(problem).toMatchObject({ code: 'reward_refused', upstream_status: 404 })
  expect(problem.detail).toContain('The model `other` does not exist.')
  await house.close()
  await server.close()
})

test('tpo: rewards out of order are an error', async () => {
  const house = await openHouse()
  house.reward.behave({
    body: {
      model: 'm',
      rewards: [1, 0].map((index) => ({ index, reward: 1, tokens: 1, truncated: false })),
      dtype: 'float32',
      provider: 'cpu',
      template_hash: '',
      usage: { prompt_tokens: 0, total_tokens: 0 },
      timing: { queue: 0, tokenize: 0, model: 0 },
    },
  })
  expect(await refused(house, { query, samples: 2 })).toMatchObject({ code: 'reward_error' })
  await house.close()
})
