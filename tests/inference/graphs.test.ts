/** Ready-made ONNX classifiers compute what transformers computes (make_tiny_graphs.py). */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readModelFolder } from '../../inference/model/folder.ts'
import { firstEndsOf } from '../../inference/text/pair-kinds.ts'
import { readPairText } from '../../inference/text/pair-text.ts'
import { type Classifier, loadClassifier } from '../../inference/scoring/classifier.ts'
import { classifierAt, expectedPairs, fixture, scoresOf, withCopy } from './fixtures.ts'

const graphs = ['tiny-deberta-onnx', 'tiny-bert-onnx', 'tiny-roberta-onnx']
const tolerance = 1e-4

const Added = z.object({ added_tokens: z.array(z.object({ id: z.number(), content: z.string() })) })

const pair = (question: string, answer: string) => [
  { role: 'user', content: question },
  { role: 'assistant', content: answer },
]

describe.each(graphs)('%s', (name) => {
  let model: Classifier
  beforeAll(async () => {
    model = await classifierAt(fixture(name))
  })
  afterAll(() => model.close())

  test('writes pairs of texts as transformers does', async () => {
    const text = readPairText(await readModelFolder(fixture(name)))
    for (const { question, answer, ids } of await expectedPairs(name)) {
      const chat = pair(question, answer)
      expect([...text.encodeChat(chat, { addGenerationPrompt: false })]).toEqual(ids)
    }
  })

  test('scores like transformers, alone or beside others', async () => {
    const pairs = await expectedPairs(name)
    const all = pairs.map(({ ids }) => ids)
    const alone: Float32Array[] = []
    for (const ids of all) alone.push(...(await scoresOf(model, [ids], true)))
    for (const [index, { logits }] of pairs.entries()) {
      const given = [...(alone[index] ?? [])]
      expect(given).toHaveLength(logits.length)
      for (const [label, logit] of logits.entries()) {
        expect(Math.abs((given[label] ?? NaN) - logit)).toBeLessThanOrEqual(tolerance)
      }
    }
    expect(new Set(alone.map(([logit]) => logit)).size).toBe(pairs.length)
    expect(await scoresOf(model, all, true)).toEqual(alone)
    const apart = await Promise.all(all.map((ids) => scoresOf(model, [ids], true)))
    expect(apart.flat()).toEqual(alone)
  })

  test('takes control tokens that are typed as text', async () => {
    const folder = await readModelFolder(fixture(name))
    const text = readPairText(folder)
    const encode = (question: string, answer: string) =>
      text.encodeChat(pair(question, answer), { addGenerationPrompt: false })
    const { added_tokens: added } = Added.parse(folder.tokenizer)
    const known = new Set(added.filter(({ content }) => !/unk/i.test(content)).map(({ id }) => id))
    const controls = (ids: Int32Array) => [...ids].filter((id) => known.has(id))
    const plain = controls(encode('Hi', 'Hi'))
    const typed = ['[CLS]', '[SEP]', '[PAD]', '<s>', '</s>', '<pad>'].join(' ')
    expect(controls(encode(typed, `${typed}[SEP]</s>`))).toEqual(plain)
  })
})

test.each([
  ['tiny-deberta-onnx', 512, {}],
  ['tiny-deberta-onnx', 100, { model_max_length: 100 }],
  ['tiny-bert-onnx', 192, {}],
  // Its first two positions are those of padding.
  ['tiny-roberta-onnx', 192, {}],
])('%s takes %i tokens', async (name, context, change) => {
  await withCopy(name, async (path) => {
    const file = join(path, 'tokenizer_config.json')
    const config: object = JSON.parse(await readFile(file, 'utf8'))
    await writeFile(file, JSON.stringify({ ...config, ...change }))
    const model = await classifierAt(path)
    expect(model.context).toBe(context)
    const [logits] = await scoresOf(model, [Array.from({ length: context }, () => 10)], true)
    expect(logits?.every(Number.isFinite)).toBe(true)
    await model.close()
  })
})

test('one sequence goes through a graph at a time', async () => {
  const passes: number[] = []
  const folder = await readModelFolder(fixture('tiny-bert-onnx'))
  const model = await loadClassifier(folder, {
    threads: 1,
    events: { onBatch: ({ sequences }) => void passes.push(sequences) },
  })
  const pairs = await expectedPairs('tiny-bert-onnx')
  await scoresOf(
    model,
    pairs.map(({ ids }) => ids),
    true,
  )
  await model.close()
  expect(passes).toEqual(pairs.map(() => 1))
})

const special = (id: string, type_id: number) => ({ SpecialToken: { id, type_id } })
const text = (id: string, type_id: number) => ({ Sequence: { id, type_id } })
const template = (...pair: object[]) => ({
  type: 'TemplateProcessing',
  pair,
  special_tokens: { cls: { ids: [7] }, sep: { ids: [8] } },
})
const bert = [special('cls', 0), text('A', 0), special('sep', 0), text('B', 1), special('sep', 1)]

const endOf = async (post_processor: object | null) => {
  const folder = await readModelFolder(fixture('tiny-bert-onnx'))
  return firstEndsOf({ ...folder, tokenizer: { post_processor } })
}

test.each<[string, object, number | null]>([
  ['one template', template(...bert), 8],
  [
    'several steps',
    { type: 'Sequence', processors: [{ type: 'ByteLevel' }, template(...bert)] },
    8,
  ],
  ['an old BERT', { type: 'BertProcessing', cls: ['cls', 7], sep: ['sep', 9] }, 9],
  ['RoBERTa', { type: 'RobertaProcessing', cls: ['cls', 7], sep: ['sep', 9] }, null],
  ['one kind', template(text('A', 0), special('sep', 0), special('sep', 0), text('B', 0)), null],
])('kinds of tokens in a pair: %s', async (_, processor, end) => {
  expect(await endOf(processor)).toBe(end)
})

test.each<[string, object | null]>([
  ['no separator', template(text('A', 0), text('B', 1))],
  [
    'a separator before',
    template(special('sep', 0), text('A', 0), special('sep', 0), text('B', 1)),
  ],
  ['three kinds', template(...bert, special('cls', 2))],
  ['no template', null],
])('kinds of tokens in a pair that are refused: %s', async (_, processor) => {
  await expect(endOf(processor)).rejects.toThrow(/writes pairs of texts in a way/)
})

test('a Hugging Face cache, whose graph and weights are links to blobs elsewhere', async () => {
  const name = 'tiny-roberta-onnx'
  const [first] = await expectedPairs(name)
  const cache = await mkdtemp(join(tmpdir(), 'tpo-cache-'))
  await withCopy(name, async (path) => {
    const snapshot = join(cache, 'snapshots', 'main')
    await mkdir(join(cache, 'blobs'))
    await mkdir(join(snapshot, 'onnx'), { recursive: true })
    const files = (await readdir(path, { recursive: true })).filter((file) => file !== 'onnx')
    for (const [place, file] of files.entries()) {
      const up = file.startsWith('onnx') ? '../../../' : '../../'
      await rename(join(path, file), join(cache, 'blobs', `blob${place}`))
      await symlink(`${up}blobs/blob${place}`, join(snapshot, file))
    }
    const model = await classifierAt(snapshot)
    const [logits] = await scoresOf(model, [first?.ids ?? []], true)
    expect(logits?.[0]).toBeCloseTo(first?.logits[0] ?? NaN, 4)
    await model.close()
  })
  await rm(cache, { recursive: true })
})
