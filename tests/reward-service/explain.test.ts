/** Token ids in place of text, and what was read; over real HTTP. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Problem } from '../../shared/problems.ts'
import { RewardsAnswer } from '../../shared/rewards.ts'
import { fixture, withCopy } from '../inference/fixtures.ts'
import { idsOf, type RewardService, serveModel } from './serve-model.ts'

const name = 'tiny-reward-fp32'
const messages = [{ role: 'user', content: 'When is the workshop?' }]
const candidates = ['On Friday at nine.', 'Café 👋🏽 <|end|>', 'I do not know.']

let service: RewardService
let sequences: number[][]
beforeAll(async () => {
  service = await serveModel(fixture(name))
  const chats = candidates.map((content) => [...messages, { role: 'assistant', content }])
  const ids = await Promise.all(chats.map((chat) => idsOf(service.model, chat)))
  sequences = ids.map((sequence) => Array.from(sequence))
})
afterAll(() => service.close())

const post = (body: unknown, from = service) => from.post('/v1/rewards', body)

async function score(body: unknown, from = service): Promise<RewardsAnswer> {
  const response = await post(body, from)
  expect(response.status).toBe(200)
  return RewardsAnswer.parse(await response.json())
}

const valuesOf = ({ rewards }: RewardsAnswer) => rewards.map(({ reward }) => reward)

describe('token ids', () => {
  test('get the rewards of their text, in order, in the same answer', async () => {
    const ofText = await score({ messages, candidates })
    const ofIds = await score({ model: name, sequences })
    const { total_tokens } = ofText.usage
    expect(ofIds).toEqual({
      ...ofText,
      usage: { prompt_tokens: total_tokens, total_tokens },
      timing: expect.any(Object),
    })
  })

  test.each([
    [{}, '$.sequences', /either `messages` and `candidates`, or `sequences`/],
    [{ messages }, '$.candidates', /./],
    [{ messages, candidates, sequences: [[0]] }, '$.sequences', /give either/],
    [{ sequences: [] }, '$.sequences', /./],
    [{ sequences: [[0], []] }, '$.sequences[1]', /token ids/],
    [{ sequences: [[0, 1.5]] }, '$.sequences[0]', /whole numbers/],
    [{ sequences: [[0], [-1]] }, '$.sequences[1]', /whole numbers/],
    [{ sequences: [[0], ['1']] }, '$.sequences[1]', /whole numbers/],
    [{ sequences: [[0], [7, 384]] }, '$.sequences[1]', /no token 384 \(position 1\).* end at 383/],
    [{ sequences: [[0]], truncate: true }, '$.truncate', /scored as they are/],
  ])('%j is refused', async (body, path, words) => {
    const response = await post(body)
    expect(response.status).toBe(422)
    const problem = Problem.parse(await response.json())
    expect(problem).toMatchObject({ code: 'invalid_request', path })
    expect(problem.detail).toMatch(words)
  })

  test('more than the context are refused with both numbers', async () => {
    const response = await post({ sequences: [[0], Array.from({ length: 513 }, () => 7)] })
    expect(Problem.parse(await response.json())).toMatchObject({
      code: 'too_many_tokens',
      path: '$.sequences[1]',
      detail: expect.stringMatching(/has 513 tokens, .* takes 512/),
    })
  })
})

describe('explain', () => {
  const rendered = (answer: string) =>
    `<|begin|><|role|>user<|body|>\n\nWhen is the workshop?<|end|><|role|>assistant<|body|>\n\n${answer}<|end|>`

  test('gives the text that was read and the token that was scored', async () => {
    const { rewards } = await score({ messages, candidates, explain: true })
    expect(rewards).toMatchObject(
      candidates.map((text, index) => ({
        rendered: rendered(text),
        pooled_token: { id: 1, text: '<|end|>', position: (sequences[index]?.length ?? 0) - 1 },
      })),
    )
    expect((await score({ sequences, explain: true })).rewards).toEqual(rewards)
  })

  test('changes no number, and is left out where it is not asked for', async () => {
    const [plain, explained] = [
      await score({ messages, candidates }),
      await score({ messages, candidates, explain: true }),
    ]
    expect(valuesOf(explained)).toEqual(valuesOf(plain))
    expect(plain.rewards[0]).not.toHaveProperty('rendered')
    expect(plain.rewards[0]).not.toHaveProperty('pooled_token')
  })
})

describe('BOS', () => {
  /** Serves a copy whose tokenizer adds BOS by itself, with the template changed. */
  const withTemplate = <T>(
    change: (template: string) => string,
    use: (service: RewardService) => Promise<T>,
  ) =>
    withCopy(name, async (path) => {
      const template = join(path, 'chat_template.jinja')
      await writeFile(template, change(await readFile(template, 'utf8')))
      const file = join(path, 'tokenizer.json')
      const tokenizer: Record<string, unknown> = JSON.parse(await readFile(file, 'utf8'))
      const begin = { SpecialToken: { id: '<|begin|>', type_id: 0 } }
      const sequence = { Sequence: { id: 'A', type_id: 0 } }
      tokenizer['post_processor'] = {
        type: 'TemplateProcessing',
        single: [begin, sequence],
        pair: [begin, sequence, { Sequence: { id: 'B', type_id: 1 } }],
        special_tokens: { '<|begin|>': { id: '<|begin|>', ids: [0], tokens: ['<|begin|>'] } },
      }
      await writeFile(file, JSON.stringify(tokenizer))
      await rm(join(path, 'expected.json'), { force: true })
      const served = await serveModel(path)
      try {
        return await use(served)
      } finally {
        await served.close()
      }
    })
  const chat = [...messages, { role: 'assistant', content: 'Soon.' }]

  test('stands once where template and tokenizer both write it', async () => {
    await withTemplate(
      (template) => template,
      async (served) => {
        const ids = await idsOf(served.model, chat)
        expect(ids.filter((id) => id === 0)).toHaveLength(1)
        expect(valuesOf(await score({ messages, candidates }, served))).toEqual(
          valuesOf(await score({ messages, candidates })),
        )
      },
    )
  })

  test('is not added to a template that leaves it out, as in transformers', async () => {
    await withTemplate(
      (template) => template.replace('{{ bos_token }}', ''),
      async (served) => {
        const ids = await idsOf(served.model, chat)
        expect([...ids]).toEqual([...(await idsOf(service.model, chat))].slice(1))
        const { rewards } = await score({ messages, candidates, explain: true }, served)
        expect(rewards[0]?.rendered).toMatch(/^<\|role\|>user/)
      },
    )
  })
})

test('none of this was a fault', () => {
  expect(service.faults).toEqual([])
})
