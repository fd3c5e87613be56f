/** Reward models that are not one linear layer with one label, over real HTTP. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Problem } from '../../shared/problems.ts'
import { loadRewardModel } from '../../reward-service/load.ts'
import { expected, expectedPairs, fixture } from '../inference/fixtures.ts'
import { type RewardService, serveModel } from './serve-model.ts'

describe('a classifier with two labels', () => {
  const path = fixture('tiny-labels-fp32')

  test('is refused until one is chosen', async () => {
    await expect(loadRewardModel(path, { pooling: 'hf', threads: 1 })).rejects.toThrow(
      /2 labels \(0 no, 1 yes\)\. Choose in TPO_REWARD_LABEL/,
    )
  })

  test.each<[string, (no: number, yes: number) => number]>([
    ['yes', (_, yes) => yes],
    ['0', (no) => no],
    ['yes-no', (no, yes) => yes - no],
  ])('gives the logit of %s', async (label, reward) => {
    const { sequences } = await expected('tiny-labels-fp32')
    const service = await serveModel(path, label)
    const input = sequences.map(({ ids }) => ids)
    const response = await service.post('/classify', { input, use_activation: false })
    const { data } = (await response.json()) as { data: { label: string; probs: number[] }[] }
    await service.close()
    for (const [index, { logits }] of sequences.entries()) {
      const [no = NaN, yes = NaN] = logits
      expect(data[index]?.probs[0]).toBeCloseTo(reward(no, yes), 4)
      expect(data[index]?.label).toBe(label === '0' ? 'no' : label)
    }
  })
})

describe('a head with a gate', () => {
  test('says which text has no answer to a question', async () => {
    const service = await serveModel(fixture('tiny-armorm-bf16'))
    const response = await service.post('/pooling', { input: ['Hello.', 'Bye.'] })
    const body = (await response.json()) as { error: { message: string } }
    await service.close()
    expect(response.status).toBe(400)
    expect(body.error.message).toMatch(/^\$\.input\[0\]: .* no answer that follows a question/)
    expect(service.faults).toEqual([])
  })
})

describe('a graph that scores pairs', () => {
  let service: RewardService
  beforeAll(async () => {
    service = await serveModel(fixture('tiny-roberta-onnx'), 'kind')
  })
  afterAll(() => service.close())

  const user = { role: 'user', content: 'When is the workshop?' }

  test('has the logits of transformers through every contract that takes pairs', async () => {
    const [pair, other] = await expectedPairs('tiny-roberta-onnx')
    if (pair === undefined || other === undefined) throw new Error('the fixture has no pairs')
    const [first, second] = [pair, other].map(({ logits }) => expect.closeTo(logits[1] ?? NaN, 4))
    const candidates = [pair.answer, other.answer]
    const rewards = await service.rewards([{ role: 'user', content: pair.question }], candidates)
    expect(rewards).toEqual([first, second])
    const scored = await service.post('/score', {
      queries: pair.question,
      documents: candidates,
      use_activation: false,
    })
    expect(await scored.json()).toMatchObject({ data: [{ score: first }, { score: second }] })
    const predicted = await service.post('/predict', {
      inputs: [[pair.question, pair.answer]],
      raw_scores: true,
    })
    expect(await predicted.json()).toEqual([[{ score: first, label: 'kind' }]])
  })

  test.each([
    [[{ role: 'system', content: 'Be kind.' }, user], 'system, user'],
    [[user, { role: 'assistant', content: 'At nine.' }, user], 'user, assistant, user'],
  ])('refuses %j', async (messages, roles) => {
    const response = await service.post('/v1/rewards', { messages, candidates: ['a'] })
    expect(response.status).toBe(422)
    expect(Problem.parse(await response.json())).toMatchObject({
      code: 'invalid_request',
      path: '$.messages',
      detail: `$.messages: tiny-roberta-onnx scores one question with one answer, two plain texts: give one user message, not ${roles}`,
    })
  })

  test('refuses what is too long for its positions', async () => {
    const candidates = ['ok', 'no '.repeat(300)]
    const response = await service.post('/v1/rewards', { messages: [user], candidates })
    expect(Problem.parse(await response.json())).toMatchObject({
      code: 'too_many_tokens',
      path: '$.candidates[1]',
      detail: expect.stringMatching(/takes 192/),
    })
  })
})
