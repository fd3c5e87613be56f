/** The graphs compute what transformers computes (tests/fixtures/make_tiny_*.py). */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readChatTemplate } from '../../inference/text/chat-template.ts'
import { readModelFolder } from '../../inference/model/folder.ts'
import { pooledPosition } from '../../inference/graph/heads/pooling.ts'
import { loadPolicy, type Policy } from '../../inference/generation/policy.ts'
import type { Classifier } from '../../inference/scoring/classifier.ts'
import { readTokenizer } from '../../inference/text/tokenizer.ts'
import {
  classifierAt,
  expected,
  families,
  fixture,
  policies,
  rewards,
  scoresOf,
  withCopy,
} from './fixtures.ts'

const tolerance = 1e-4

/** The largest difference; NaN where one is missing. */
function distance(actual: Float32Array, wanted: readonly number[]): number {
  if (actual.length !== wanted.length) return NaN
  return Math.max(...wanted.map((value, place) => Math.abs(value - (actual[place] ?? NaN))))
}

/** The largest difference from the logits that transformers gave. */
async function distanceOf(
  model: Classifier,
  sequences: readonly { ids: readonly number[]; logits: readonly number[] }[],
): Promise<number> {
  const logits = await scoresOf(
    model,
    sequences.map(({ ids }) => ids),
    true,
  )
  return Math.max(
    ...sequences.map((sequence, index) =>
      distance(logits[index] ?? new Float32Array(), sequence.logits),
    ),
  )
}

describe.each([...rewards, 'tiny-labels-fp32'])('%s', (name) => {
  let model: Classifier
  beforeAll(async () => {
    model = await classifierAt(fixture(name))
  })
  afterAll(() => model.close())

  test('scores like transformers, padded or not', async () => {
    const { sequences } = await expected(name)
    expect(sequences.length).toBeGreaterThan(3)
    expect(await distanceOf(model, sequences)).toBeLessThanOrEqual(tolerance)
  })

  test('gives a sequence the same bits whatever is asked before it or beside it', async () => {
    const { sequences } = await expected(name)
    const all = sequences.map(({ ids }) => ids)
    const alone: Float32Array[] = []
    for (const sequence of all) alone.push(...(await scoresOf(model, [sequence], false)))
    expect(new Set(alone.map(([logit]) => logit)).size).toBeGreaterThan(3)
    expect(await scoresOf(model, all, false)).toEqual(alone)
    expect((await scoresOf(model, all.toReversed(), false)).toReversed()).toEqual(alone)
    const apart = await Promise.all(all.map((sequence) => scoresOf(model, [sequence], false)))
    expect(apart.flat()).toEqual(alone)
  })
})

// One family's second fixture needs no variants of its own.
const configured = ['tiny-reward-fp32', ...families].filter((name) => !name.endsWith('-bias'))

describe.each(configured)('%s, configured otherwise', async (name) => {
  const { variants } = await expected(name)
  const named = variants.map((variant) => {
    const { set, unset } = variant
    return [`${JSON.stringify(set)} without [${unset.join(', ')}]`, variant] as const
  })
  test.each(named)('%s', async (_, { set, unset, sequences }) => {
    const largest = await withCopy(name, async (path) => {
      const file = join(path, 'config.json')
      const config: Record<string, unknown> = JSON.parse(await readFile(file, 'utf8'))
      for (const key of unset) delete config[key]
      await writeFile(file, JSON.stringify({ ...config, ...set }))
      const model = await classifierAt(path)
      const distance = await distanceOf(model, sequences)
      await model.close()
      return distance
    })
    expect(largest).toBeLessThanOrEqual(tolerance)
  })
})

test('the pooled token is the last that is not padding, or the first', () => {
  expect(pooledPosition(Int32Array.of(2, 7, 8, 2, 2), 2)).toBe(2)
  expect(pooledPosition(Int32Array.of(2, 2, 2), 2)).toBe(0)
  expect(pooledPosition(Int32Array.of(7, 8, 2), null)).toBe(2)
})

describe.each(policies)('%s', (name) => {
  let model: Policy
  beforeAll(async () => {
    model = await loadPolicy(fixture(name))
  })
  afterAll(() => model.close())

  test('has the logits of transformers', async () => {
    const { chats } = await expected(name)
    for (const chat of chats) {
      for (const [place, position] of chat.positions.entries()) {
        const logits = await model.logits(Int32Array.from(chat.ids), position)
        expect(distance(logits, chat.logits[place] ?? [])).toBeLessThanOrEqual(tolerance)
      }
    }
  })

  test.each([1, 3])('writes greedily what transformers writes, %i at a time', async (answers) => {
    const { chats } = await expected(name)
    for (const chat of chats) {
      const texts = Array.from({ length: answers }, () => '')
      const tokens = Array.from({ length: answers }, () => 0)
      for await (const deltas of model.generate({
        ids: Int32Array.from(chat.ids),
        answers,
        sampling: { temperature: 0, topP: 1, seed: 0 },
        maxTokens: 48,
        stop: [],
        eosTokens: model.generation.eosTokens,
      })) {
        for (const delta of deltas) {
          texts[delta.index] += delta.text
          tokens[delta.index] = delta.tokens
        }
      }
      expect(texts).toEqual(Array.from({ length: answers }, () => chat.text))
      expect(tokens).toEqual(Array.from({ length: answers }, () => chat.greedy.length))
    }
  })
})

describe.each([...policies, ...rewards])('%s', (name) => {
  test('renders and encodes chats like transformers', async () => {
    const folder = await readModelFolder(fixture(name))
    const tokenizer = readTokenizer(folder)
    const template = readChatTemplate(folder)
    const { chats } = await expected(name)
    for (const { messages, ids } of chats) {
      const addGenerationPrompt = policies.includes(name)
      const actual = tokenizer.encodeChat(template, messages, { addGenerationPrompt })
      expect([...actual]).toEqual(ids)
    }
  })
})
