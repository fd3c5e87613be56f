/** The tiny models of tests/fixtures and what transformers computes with them. */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { readModelFolder } from '../../inference/model/folder.ts'
import { type Classifier, loadClassifier } from '../../inference/scoring/classifier.ts'

const folder = fileURLToPath(new URL('../fixtures/', import.meta.url))

export const policies = ['tiny-policy-fp32', 'tiny-policy-fp16-tied', 'tiny-policy-bf16-bias']
/** Made by make_tiny_families.py, the others by make_tiny_models.py. */
export const families = [
  'tiny-mistral-fp16',
  'tiny-qwen2-bf16',
  'tiny-qwen3-bf16-sharded',
  'tiny-qwen3-fp32-bias',
  'tiny-gemma2-bf16',
  'tiny-gemma3-fp32',
]
/** Made by make_tiny_heads.py. */
export const heads = [
  'tiny-inform-bf16',
  'tiny-armorm-bf16',
  'tiny-qrm-fp32',
  'tiny-value-llamafactory-bf16',
  'tiny-value-trl-fp16',
  'tiny-value-openrlhf-bf16',
]
export const rewards = [
  'tiny-reward-fp32',
  'tiny-reward-fp16-pad-is-eos',
  'tiny-reward-bf16-no-pad',
  ...families,
  ...heads,
]

export const fixture = (name: string) => join(folder, name)

const Chat = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  ids: z.array(z.number()),
})

const Sequences = z.array(z.object({ ids: z.array(z.number()), logits: z.array(z.number()) }))

const Expected = z.object({
  chats: z.array(
    Chat.extend({
      greedy: z.array(z.number()).default([]),
      text: z.string().default(''),
      positions: z.array(z.number()).default([]),
      logits: z.array(z.array(z.number())).default([]),
    }),
  ),
  group: z
    .object({
      messages: Chat.shape.messages,
      prompt_tokens: z.number(),
      candidates: z.array(z.object({ text: z.string(), tokens: z.number(), logit: z.number() })),
    })
    .default({ messages: [], prompt_tokens: 0, candidates: [] }),
  sequences: Sequences.default([]),
  /** Other configurations of the same weights. */
  variants: z
    .array(
      z.object({
        set: z.record(z.string(), z.unknown()),
        unset: z.array(z.string()),
        sequences: Sequences,
      }),
    )
    .default([]),
})

export async function expected(name: string): Promise<z.infer<typeof Expected>> {
  return Expected.parse(JSON.parse(await readFile(join(fixture(name), 'expected.json'), 'utf8')))
}

const Pairs = z.object({
  pairs: z.array(
    z.object({
      question: z.string(),
      answer: z.string(),
      ids: z.array(z.number()),
      logits: z.array(z.number()),
    }),
  ),
})

/** Pairs of texts that a ready-made graph of make_tiny_graphs.py scores. */
export async function expectedPairs(name: string): Promise<z.infer<typeof Pairs>['pairs']> {
  return Pairs.parse(JSON.parse(await readFile(join(fixture(name), 'expected.json'), 'utf8'))).pairs
}

export async function classifierAt(path: string): Promise<Classifier> {
  return loadClassifier(await readModelFolder(path), { threads: 1 })
}

const never = new AbortController().signal

/** Logits of sequences that a classifier is given at once, each pooled at `position`. */
export async function logitsOf(
  model: Classifier,
  sequences: readonly { ids: Int32Array; position: number }[],
): Promise<Float32Array[]> {
  const reads = sequences.map(({ ids, position }) => ({ ids, reads: [position] }))
  return (await model.score(reads, never)).logits
}

/** Logits of sequences that a classifier is given at once, read where its head reads them. */
export async function scoresOf(
  model: Classifier,
  sequences: readonly (readonly number[])[],
  skipPadding: boolean,
): Promise<Float32Array[]> {
  const read = sequences.map((tokens) => {
    const ids = Int32Array.from(tokens)
    return { ids, reads: model.reads(ids, skipPadding) }
  })
  return (await model.score(read, never)).logits
}

/** Calls back with a copy of a fixture that may be broken at will. */
export async function withCopy<T>(name: string, use: (path: string) => Promise<T>): Promise<T> {
  const parent = await mkdtemp(join(tmpdir(), 'tpo-model-'))
  try {
    const path = join(parent, name)
    await cp(fixture(name), path, { recursive: true })
    return await use(path)
  } finally {
    await rm(parent, { recursive: true, force: true })
  }
}
