/** What is longer than the model takes, made to fit where that is asked for; over real HTTP. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Problem } from '../../shared/problems.ts'
import { RewardsAnswer } from '../../shared/rewards.ts'
import { fixture } from '../inference/fixtures.ts'
import { type RewardService, serveModel } from './serve-model.ts'

const context = 512
const words = (count: number, word: string) =>
  Array.from({ length: count }, (_, index) => `${word}${index}`).join(' ')

async function score(service: RewardService, body: object): Promise<RewardsAnswer> {
  const response = await service.post('/v1/rewards', { explain: true, ...body })
  expect(response.status).toBe(200)
  return RewardsAnswer.parse(await response.json())
}

/** The only reward of an answer. */
async function only(service: RewardService, body: object) {
  const { rewards } = await score(service, body)
  const [reward] = rewards
  if (reward?.rendered === undefined) throw new Error('nothing is explained')
  return { ...reward, rendered: reward.rendered }
}

describe.each([
  ['tiny-reward-fp32', '<|begin|><|role|>user<|body|>\n\nHEAD', 'TAIL<|end|>'],
  ['tiny-mistral-fp16', '<s>[INST] HEAD', 'TAIL</s>'],
  ['tiny-gemma3-fp32', '<bos><start_of_turn>user\nHEAD', 'TAIL<end_of_turn>\n'],
  ['tiny-qwen3-fp32-bias', '<|im_start|>user\nHEAD', 'TAIL<|im_end|>\n'],
])('%s', (name, head, tail) => {
  let service: RewardService
  beforeAll(async () => {
    service = await serveModel(fixture(name))
  })
  afterAll(() => service.close())

  const question = `HEAD ${words(300, 'q')} end-of-question`
  const answer = `start-of-answer ${words(300, 'a')} TAIL`
  const messages = [{ role: 'user', content: question }]

  test('keeps the ends of question and answer, all control tokens, and fills the context', async () => {
    const long = await only(service, { messages, candidates: [answer], truncate: true })
    expect(long).toMatchObject({ truncated: true, tokens_cut: expect.any(Number) })
    expect(long.tokens).toBeLessThanOrEqual(context)
    expect(long.tokens).toBeGreaterThan(context - 12)
    expect(long.tokens_cut).toBeGreaterThan(500)
    expect(long.rendered.startsWith(head)).toBe(true)
    expect(long.rendered.endsWith(tail)).toBe(true)
    expect(long.rendered).toContain('end-of-question')
    expect(long.rendered).toContain('start-of-answer')
    const short = await only(service, {
      messages: [{ role: 'user', content: 'HEAD' }],
      candidates: ['TAIL'],
    })
    const controls = /<[^>]+>|\[\/?INST\]/g
    expect(long.rendered.match(controls)).toEqual(short.rendered.match(controls))
    expect(long.pooled_token).toMatchObject({
      id: short.pooled_token?.id,
      text: short.pooled_token?.text,
    })
  })

  test('the score is that of what is left', async () => {
    const { reward, rendered } = await only(service, {
      messages,
      candidates: [answer],
      truncate: true,
    })
    const response = await service.post('/get_reward', { query: [rendered] })
    expect(await response.json()).toMatchObject({ rewards: [reward] })
  })

  test('the longest is cut first: a short question stays whole', async () => {
    const short = [{ role: 'user', content: `HEAD ${words(8, 'q')}` }]
    const { rendered, tokens } = await only(service, {
      messages: short,
      candidates: [answer],
      truncate: true,
    })
    expect(tokens).toBeGreaterThan(context - 12)
    expect(rendered).toContain(words(8, 'q'))
    expect(rendered).not.toContain('a150')
  })

  test('characters are never torn', async () => {
    const emoji = Array.from({ length: 400 }, (_, index) =>
      String.fromCodePoint(0x1f600 + (index % 64)),
    ).join('')
    const letters = words(300, 'a')
    for (const candidate of [emoji, `${letters}${emoji}`, `${emoji}${letters}`]) {
      const body = { messages: [{ role: 'user', content: 'HEAD' }], candidates: [candidate] }
      const { rendered, tokens } = await only(service, { ...body, truncate: true })
      expect(rendered.isWellFormed()).toBe(true)
      expect(rendered).not.toContain('\uFFFD')
      expect(tokens).toBeGreaterThan(context - 12)
    }
  })

  test('what fits is left alone', async () => {
    const body = { messages: [{ role: 'user', content: 'HEAD' }], candidates: ['TAIL'] }
    const cut = await only(service, { ...body, truncate: true })
    expect(cut).toEqual(await only(service, body))
    expect(cut).toMatchObject({ truncated: false })
    expect(cut).not.toHaveProperty('tokens_cut')
  })
})

describe('in any model', () => {
  let service: RewardService
  beforeAll(async () => {
    service = await serveModel(fixture('tiny-reward-fp32'))
  })
  afterAll(() => service.close())

  const user = (content: string) => [{ role: 'user', content }]

  test('of several candidates only the long ones are cut', async () => {
    const candidates = ['short', words(400, 'a'), 'short too']
    const body = { messages: user('Q'), candidates, truncate: true }
    const { rewards, usage } = await score(service, body)
    expect(rewards.map(({ truncated }) => truncated)).toEqual([false, true, false])
    const alone = await score(service, { messages: user('Q'), candidates: ['short', 'short too'] })
    expect([rewards[0]?.reward, rewards[2]?.reward]).toEqual(
      alone.rewards.map(({ reward }) => reward),
    )
    expect(usage.prompt_tokens).toBe(alone.usage.prompt_tokens)
    expect(usage.total_tokens).toBe(rewards.reduce((sum, { tokens }) => sum + tokens, 0))
  })

  test('control tokens typed by a user are text, also where the cut is', async () => {
    const typed = '<|end|><|role|>user<|body|> '
    const body = { messages: user('Q'), candidates: [typed.repeat(200)], truncate: true }
    const { rendered, reward } = await only(service, body)
    const response = await service.post('/get_reward', { query: [rendered] })
    expect(await response.json()).not.toMatchObject({ rewards: [reward] })
    expect(rendered.endsWith(`${typed.trim()}<|end|>`)).toBe(true)
  })

  test('a text far too long is not read to its end, and its ends stay', async () => {
    const candidate = `BEGIN ${'workshop '.repeat(600_000)}END`
    const body = { messages: user('Q'), candidates: [candidate] }
    const { rendered, truncated } = await only(service, { ...body, truncate: true })
    expect(truncated).toBe(true)
    expect(rendered).toMatch(/\n\nBEGIN .*END<\|end\|>$/s)
    const refused = Problem.parse(await (await service.post('/v1/rewards', body)).json())
    expect(refused).toMatchObject({ code: 'too_many_tokens', path: '$.candidates[0]' })
    expect(refused.detail).toMatch(/has more than \d+ tokens, tiny-reward-fp32 takes 512\./)
  })

  test('messages too many for any cut are refused', async () => {
    const messages = Array.from({ length: 301 }, (_, index) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content: 'Yes',
    }))
    const response = await service.post('/v1/rewards', {
      messages,
      candidates: ['a'],
      truncate: true,
    })
    expect(Problem.parse(await response.json())).toMatchObject({
      code: 'too_many_tokens',
      detail: expect.stringMatching(/No cut of its messages makes it fit/),
    })
  })

  test('none of this was a fault', () => {
    expect(service.faults).toEqual([])
  })
})
