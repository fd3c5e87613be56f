/** The reward service over real HTTP. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Problem } from '../../shared/problems.ts'
import { RewardsAnswer } from '../../shared/rewards.ts'
import { loadRewardModel } from '../../reward-service/load.ts'
import type { RewardModel } from '../../reward-service/reward-model.ts'
import { expected, fixture, rewards as fixtures, withCopy } from '../inference/fixtures.ts'
import { idsOf, type RewardService, serveModel } from './serve-model.ts'

const start = (name: string) => serveModel(fixture(name))

const [plain = ''] = fixtures
let service: RewardService
beforeAll(async () => {
  service = await start(plain)
})
afterAll(() => service.close())

const post = (body: unknown, url = service.url) =>
  fetch(`${url}/v1/rewards`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

async function score(body: unknown, url = service.url): Promise<RewardsAnswer> {
  const response = await post(body, url)
  expect(response.status).toBe(200)
  return RewardsAnswer.parse(await response.json())
}

const rewardOf = async (model: RewardModel, ids: Int32Array) =>
  (await model.rewards([ids], new AbortController().signal)).rewards[0]

const messages = [{ role: 'user', content: 'When is the workshop?' }]

const single = [...fixtures, 'tiny-deberta-onnx', 'tiny-bert-onnx']

test.each(single)('%s: the logits of transformers, in order', async (name) => {
  const { group } = await expected(name)
  const running = await start(name)
  const candidates = group.candidates.map(({ text }) => text)
  const answer = await score({ messages: group.messages, candidates }, running.url)
  await running.close()
  expect(answer.rewards).toEqual(
    group.candidates.map(({ tokens, logit }, index) => ({
      index,
      reward: expect.closeTo(logit, 4),
      tokens,
      truncated: false,
    })),
  )
  expect(answer).toMatchObject({
    model: name,
    dtype: 'float32',
    provider: 'cpu',
    template_hash: expect.stringMatching(/^[0-9a-f]{16}$/),
    usage: {
      prompt_tokens: group.prompt_tokens,
      total_tokens: group.candidates.reduce((sum, { tokens }) => sum + tokens, 0),
    },
  })
  expect(Math.min(...Object.values(answer.timing))).toBeGreaterThanOrEqual(0)
})

test('a reward does not depend on what is scored beside it or at the same time', async () => {
  const candidates = Array.from({ length: 12 }, (_, index) => `Answer ${'no '.repeat(index)}.`)
  const alone: number[] = []
  for (const candidate of candidates) {
    const { rewards } = await score({ messages, candidates: [candidate] })
    alone.push(...rewards.map(({ reward }) => reward))
  }
  expect(new Set(alone).size).toBe(12)
  const groups = await Promise.all(
    Array.from({ length: 8 }, (_, turn) => {
      const turned = [...candidates.slice(turn), ...candidates.slice(0, turn)]
      return score({ messages, candidates: turned })
    }),
  )
  for (const [turn, { rewards }] of groups.entries()) {
    const wanted = [...alone.slice(turn), ...alone.slice(0, turn)]
    expect(rewards.map(({ reward }) => reward)).toEqual(wanted)
  }
})

describe('where the padding token also ends every answer', () => {
  const load = (pooling: 'hf' | 'last' | 'mask') =>
    withCopy(plain, async (path) => {
      const file = join(path, 'config.json')
      const config: Record<string, unknown> = JSON.parse(await readFile(file, 'utf8'))
      await writeFile(file, JSON.stringify({ ...config, pad_token_id: config['eos_token_id'] }))
      return loadRewardModel(path, { pooling, threads: 1 })
    })

  test.each(['last', 'mask'] as const)('pooling %s scores the end itself', async (pooling) => {
    const { group } = await expected(plain)
    const model = await load(pooling)
    for (const { text, logit } of group.candidates) {
      const messages = [...group.messages, { role: 'assistant', content: text }]
      expect(await rewardOf(model, await idsOf(model, messages))).toBeCloseTo(logit, 4)
    }
    await model.close()
  })

  test('pooling hf scores the token before it', async () => {
    const { group } = await expected(plain)
    const [hf, last] = await Promise.all([load('hf'), load('last')])
    for (const { text, logit } of group.candidates) {
      const messages = [...group.messages, { role: 'assistant', content: text }]
      const ids = await idsOf(hf, messages)
      const reward = await rewardOf(hf, ids)
      expect(reward).toBeCloseTo((await rewardOf(last, ids.subarray(0, -1))) ?? NaN, 5)
      expect(reward).not.toBeCloseTo(logit, 2)
    }
    await Promise.all([hf.close(), last.close()])
  })
})

test('a template without a system role: a problem of the request, in words', async () => {
  const gemma = await start('tiny-gemma2-bf16')
  const response = await post(
    { messages: [{ role: 'system', content: 'Be kind.' }, ...messages], candidates: ['a'] },
    gemma.url,
  )
  expect(Problem.parse(await response.json())).toMatchObject({
    code: 'invalid_request',
    path: '$.messages',
    detail: expect.stringMatching(/System role not supported/),
  })
  await gemma.close()
})

describe('refuses', () => {
  const refusal = async (response: Response) => {
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    const problem = Problem.parse(await response.json())
    expect(problem.status).toBe(response.status)
    return problem
  }

  test.each([
    ['a body that is not JSON', '{', 'invalid_json', undefined],
    ['no candidates', { messages, candidates: [] }, 'invalid_request', '$.candidates'],
    [
      'an empty candidate',
      { messages, candidates: ['a', ''] },
      'invalid_request',
      '$.candidates[1]',
    ],
    [
      'a wrong role',
      { messages: [{ role: 'robot', content: '' }], candidates: ['a'] },
      'invalid_request',
      '$.messages[0].role',
    ],
    ['an unknown field', { messages, candidates: ['a'], top: 1 }, 'invalid_request', '$.top'],
    [
      'another model',
      { model: 'other', messages, candidates: ['a'] },
      'model_not_found',
      '$.model',
    ],
    [
      'a candidate longer than the context',
      { messages, candidates: ['a', 'workshop '.repeat(600)] },
      'too_many_tokens',
      '$.candidates[1]',
    ],
    ['a body over 16 MB', 'x'.repeat(16 * 1024 * 1024 + 1), 'body_too_large', undefined],
  ])('%s', async (_, body, code, path) => {
    expect(await refusal(await post(body))).toMatchObject({ code, ...(path && { path }) })
  })

  test('naming both lengths', async () => {
    const long = await post({ messages, candidates: ['workshop '.repeat(600)] })
    const { detail } = await refusal(long)
    expect(detail).toMatch(/has \d{3,4} tokens, tiny-reward-fp32 takes 512\./)
  })

  test('other addresses and methods', async () => {
    expect(await refusal(await fetch(`${service.url}/nothing`))).toMatchObject({
      code: 'not_found',
    })
    const wrongMethod = await fetch(`${service.url}/v1/rewards`)
    expect(wrongMethod.headers.get('allow')).toBe('POST')
    expect(await refusal(wrongMethod)).toMatchObject({ code: 'method_not_allowed' })
  })

  test('and goes on serving', async () => {
    const { rewards } = await score({ model: plain, messages, candidates: ['On Friday.'] })
    expect(rewards).toHaveLength(1)
  })
})

test('says when it is ready, and when its model has stopped', async () => {
  const running = await start(plain)
  expect(await (await fetch(`${running.url}/healthz`)).json()).toEqual({ status: 'ok' })
  expect(await (await fetch(`${running.url}/readyz`)).json()).toMatchObject({ status: 'ready' })
  await running.model.close()
  expect((await fetch(`${running.url}/readyz`)).status).toBe(503)
  const refused = Problem.parse(
    await (await post({ messages, candidates: ['a'] }, running.url)).json(),
  )
  expect(refused).toMatchObject({ code: 'not_ready', retryable: true })
  await running.close()
})

test('none of this was a fault', () => {
  expect(service.faults).toEqual([])
})
