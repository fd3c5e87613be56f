/**
 * The foreign contracts over real HTTP: what their real clients send, and the numbers of
 * /v1/rewards for the same pair, to the bit.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fixture, withCopy } from '../inference/fixtures.ts'
import { idsOf, type RewardService, serveModel } from './serve-model.ts'

const name = 'tiny-reward-fp32'
const question = 'When is the workshop?'
const answers = ['On Friday at nine.', 'I do not know.', 'Ask Ana, she made the plan.']
const user = { role: 'user', content: question }
const assistant = (content: string) => ({ role: 'assistant', content })

/** What `apply_chat_template(..., tokenize=False)` gives for this fixture. */
const rendered = (answer: string) =>
  `<|begin|><|role|>user<|body|>\n\n${question}<|end|><|role|>assistant<|body|>\n\n${answer}<|end|>`

const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit))

let service: RewardService
let rewards: number[]
beforeAll(async () => {
  service = await serveModel(fixture(name))
  rewards = await service.rewards([user], answers)
})
afterAll(() => service.close())

async function answer(path: string, body: unknown, from = service): Promise<unknown> {
  const response = await from.post(path, body)
  expect(await response.clone().text()).not.toContain('error')
  expect(response.status).toBe(200)
  return response.json()
}

/** Places of the rewards from the best to the worst. */
const order = () => rewards.map((_, index) => index).sort((a, b) => at(b) - at(a))
const at = (index: number) => rewards[index] ?? Number.NaN

const ids = () =>
  Promise.all(
    answers.map(async (text) => [...(await idsOf(service.model, [user, assistant(text)]))]),
  )
const tokens = async () => (await ids()).reduce((sum, sequence) => sum + sequence.length, 0)

test('the rewards differ, so that order and pairing show', () => {
  expect(new Set(rewards).size).toBe(3)
})

describe('vLLM', () => {
  const frame = {
    id: expect.any(String),
    object: 'list',
    created: expect.any(Number),
    model: name,
    usage: {
      prompt_tokens: expect.any(Number),
      total_tokens: expect.any(Number),
      completion_tokens: 0,
      prompt_tokens_details: null,
    },
  }
  const classes = (values: number[]) => ({
    ...frame,
    data: values.map((value, index) => ({
      index,
      label: 'LABEL_0',
      probs: [value],
      num_classes: 1,
    })),
  })

  test.each([`/checkpoints/${name}`, `some-org/${name}`, `/checkpoints/${name}/`])(
    'verl: one text without its BOS, raw, of the model %s',
    async (model) => {
      for (const [index, text] of answers.entries()) {
        const input = rendered(text).slice('<|begin|>'.length)
        const body = { model, input, use_activation: false }
        expect(await answer('/classify', body)).toEqual(classes([at(index)]))
      }
    },
  )

  test('a BOS that is there already is not doubled', async () => {
    const body = { input: answers.map(rendered), use_activation: false }
    expect(await answer('/classify', body)).toEqual(classes(rewards))
  })

  test('add_special_tokens: false takes the text as it is', async () => {
    const body = { input: answers.map(rendered), use_activation: false, add_special_tokens: false }
    expect(await answer('/classify', body)).toEqual(classes(rewards))
    const bare = { ...body, input: answers.map((text) => rendered(text).slice(9)) }
    expect(await answer('/classify', bare)).not.toEqual(classes(rewards))
  })

  test.each([{}, { use_activation: true }, { use_activation: null }, { activation: true }])(
    'a sigmoid unless told not to: %j',
    async (fields) => {
      const body = { model: name, input: answers.map(rendered), ...fields }
      expect(await answer('/classify', body)).toEqual(classes(rewards.map(sigmoid)))
    },
  )

  test('token ids, of one or of several', async () => {
    const raw = { use_activation: false, truncate_prompt_tokens: -1 }
    const all = { ...((await answer('/classify', { ...raw, input: await ids() })) as object) }
    expect(all).toEqual(classes(rewards))
    expect(all).toMatchObject({
      usage: { prompt_tokens: await tokens(), total_tokens: await tokens() },
    })
    const [, second] = await ids()
    expect(await answer('/classify', { ...raw, input: second })).toEqual(classes([at(1)]))
  })

  test.each([
    ['a string', (text: string) => text],
    ['parts', (text: string) => [{ type: 'text', text }]],
  ])('messages, their content %s', async (_, content) => {
    for (const [index, text] of answers.entries()) {
      const messages = [user, { role: 'assistant', content: content(text) }]
      const body = { model: name, messages, activation: false }
      expect(await answer('/classify', body)).toEqual(classes([at(index)]))
    }
  })

  test('/pooling', async () => {
    const data = (values: number[]) => ({
      ...frame,
      data: values.map((value, index) => ({ index, object: 'pooling', data: [value] })),
    })
    const input = answers.map(rendered)
    const raw = { model: name, input, use_activation: false, encoding_format: 'float' }
    expect(await answer('/pooling', raw)).toEqual(data(rewards))
    expect(await answer('/pooling', { model: name, input })).toEqual(data(rewards.map(sigmoid)))
    const messages = [user, assistant(answers[2] ?? '')]
    const chat = { model: name, messages, use_activation: false, task: 'classify' }
    expect(await answer('/pooling', chat)).toEqual(data([at(2)]))
  })

  describe.each(['/score', '/v1/score'])('%s', (path) => {
    const scores = (values: number[]) => ({
      ...frame,
      data: values.map((score, index) => ({ index, object: 'score', score })),
    })
    test.each([
      ['one text and several', { text_1: question, text_2: answers }],
      ['queries and documents', { queries: question, documents: answers }],
    ])('%s', async (_, pairs) => {
      const body = { model: name, ...pairs }
      expect(await answer(path, { ...body, use_activation: false })).toEqual(scores(rewards))
      expect(await answer(path, body)).toEqual(scores(rewards.map(sigmoid)))
    })

    test('each text with its own', async () => {
      const questions = ['Who is Ana?', question, 'Where is it?']
      const wanted: number[] = []
      for (const [index, content] of questions.entries()) {
        wanted.push(...(await service.rewards([{ role: 'user', content }], [answers[index] ?? ''])))
      }
      const body = { text_1: questions, text_2: answers, use_activation: false }
      expect(await answer(path, body)).toEqual(scores(wanted))
    })

    test('one pair', async () => {
      const body = { model: name, encoding_format: 'float', text_1: question, text_2: answers[1] }
      expect(await answer(path, body)).toEqual(scores([sigmoid(at(1))]))
    })
  })

  test.each(['/rerank', '/v1/rerank', '/v2/rerank'])('%s, the best first', async (path) => {
    const body = { model: name, query: question, documents: answers }
    const results = (value: (logit: number) => number) =>
      order().map((index) => ({
        index,
        document: { text: answers[index] },
        relevance_score: value(at(index)),
      }))
    expect(await answer(path, body)).toEqual({
      id: expect.any(String),
      model: name,
      results: results(sigmoid),
      usage: expect.objectContaining({ total_tokens: await tokens() }),
    })
    const raw = await answer(path, { ...body, use_activation: false, top_n: 2 })
    expect(raw).toMatchObject({ results: results((logit) => logit).slice(0, 2) })
  })
})

describe('OpenRLHF', () => {
  test('remote_rm_fn: rendered texts with their special tokens', async () => {
    const query = answers.map(rendered)
    const prompts = answers.map(() => question)
    const body = { query, prompts, labels: ['', '', ''] }
    expect(await answer('/get_reward', body)).toEqual({
      rewards,
      scores: rewards,
      extra_logs: {},
    })
  })

  test('nothing is added to them', async () => {
    const input = answers.map((text) => rendered(text).slice('<|begin|>'.length))
    const bare = await answer('/get_reward', { query: input })
    expect(bare).not.toMatchObject({ rewards })
    const body = { input, use_activation: false, add_special_tokens: false }
    const { rewards: values } = bare as { rewards: number[] }
    expect(await answer('/classify', body)).toMatchObject({
      data: values.map((value) => ({ probs: [value] })),
    })
  })

  test('nothing to score', async () => {
    const nothing = { rewards: [], scores: [], extra_logs: {} }
    expect(await answer('/get_reward', { query: [] })).toEqual(nothing)
  })
})

describe('TEI', () => {
  const label = 'LABEL_0'
  const [first = '', second = ''] = answers

  test('/predict: a text, a pair, and batches of both', async () => {
    const predict = (inputs: unknown, raw_scores = true) =>
      answer('/predict', { inputs, raw_scores, truncate: false })
    const alone = [{ score: at(0), label }]
    expect(await predict(rendered(first))).toEqual(alone)
    expect(await predict([rendered(first)])).toEqual(alone)
    expect(await predict([question, first])).toEqual(alone)
    expect(await predict([[rendered(first)], [question, second]])).toEqual([
      alone,
      [{ score: at(1), label }],
    ])
    expect(await predict([[question, first]])).toEqual([alone])
    expect(await predict([question, first], false)).toEqual([{ score: sigmoid(at(0)), label }])
  })

  test('/rerank, the best first', async () => {
    const body = { query: question, texts: answers }
    expect(await answer('/rerank', body)).toEqual(
      order().map((index) => ({ index, score: sigmoid(at(index)) })),
    )
    const raw = { ...body, raw_scores: true, return_text: true, truncate: true }
    expect(await answer('/rerank', raw)).toEqual(
      order().map((index) => ({ index, text: answers[index], score: at(index) })),
    )
  })

  test('/info and /health', async () => {
    expect(await (await fetch(`${service.url}/info`)).json()).toMatchObject({
      model_id: name,
      model_type: { reranker: { id2label: { '0': label }, label2id: { [label]: 0 } } },
      max_input_length: 512,
      auto_truncate: false,
    })
    const health = await fetch(`${service.url}/health`)
    expect([health.status, await health.text()]).toEqual([200, ''])
  })
})

test('special tokens are control in texts, and text in messages and pairs', async () => {
  const tricky = 'On Friday.<|end|><|role|>user'
  const [asText = Number.NaN] = await service.rewards([user], [tricky])
  const raw = { use_activation: false }
  const pairs = { ...raw, text_1: question, text_2: tricky }
  expect(await answer('/score', pairs)).toMatchObject({ data: [{ score: asText }] })
  expect(await answer('/get_reward', { query: [rendered(tricky)] })).not.toMatchObject({
    rewards: [asText],
  })
})

test('a BOS that the tokenizer adds by itself is there once', async () => {
  await withCopy(name, async (path) => {
    const file = join(path, 'tokenizer.json')
    const tokenizer = JSON.parse(await readFile(file, 'utf8'))
    const begin = tokenizer.added_tokens.find(
      ({ content }: { content: string }) => content === '<|begin|>',
    )
    const special = { SpecialToken: { id: '<|begin|>', type_id: 0 } }
    tokenizer.post_processor.single.unshift(special)
    tokenizer.post_processor.special_tokens = {
      '<|begin|>': { id: '<|begin|>', ids: [begin.id], tokens: ['<|begin|>'] },
    }
    await writeFile(file, JSON.stringify(tokenizer))
    const other = await serveModel(path)
    try {
      const all = answers.map(rendered)
      for (const input of [all, all.map((text) => text.slice('<|begin|>'.length))]) {
        const body = { input, use_activation: false }
        expect(await answer('/classify', body, other)).toMatchObject({
          data: rewards.map((reward) => ({ probs: [reward] })),
        })
      }
      expect(await answer('/get_reward', { query: all }, other)).toMatchObject({ rewards })
    } finally {
      await other.close()
    }
  })
})

test.each([
  [{ '0': 'QUALITY' }, 'QUALITY'],
  [undefined, 'LABEL_0'],
])('the label of config.json: %j', async (id2label, label) => {
  await withCopy(name, async (path) => {
    const file = join(path, 'config.json')
    const config = JSON.parse(await readFile(file, 'utf8'))
    await writeFile(file, JSON.stringify({ ...config, id2label }))
    const other = await serveModel(path)
    try {
      const body = { inputs: [question, 'On Friday.'] }
      expect(await answer('/predict', body, other)).toMatchObject([{ label }])
    } finally {
      await other.close()
    }
  })
})

test('a template without BOS leaves texts without one', async () => {
  const other = await serveModel(fixture('tiny-reward-fp16-pad-is-eos'))
  try {
    const wanted = await other.rewards([user], answers)
    const input = answers.map(
      (text) => `<|role|>user\n${question}<|end|>\n<|role|>assistant\n${text}<|end|>\n`,
    )
    const body = { input, use_activation: false }
    expect(await answer('/classify', body, other)).toMatchObject({
      data: wanted.map((reward) => ({ probs: [reward] })),
    })
  } finally {
    await other.close()
  }
})

test('none of this was a fault', () => {
  expect(service.faults).toEqual([])
})
