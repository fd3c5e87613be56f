/** The tiny models of tests/fixtures and what transformers computes with them. */
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const folder = fileURLToPath(new URL('../fixtures/', import.meta.url))

export const policies = ['tiny-policy-fp32', 'tiny-policy-fp16-tied', 'tiny-policy-bf16-bias']
export const rewards = [
  'tiny-reward-fp32',
  'tiny-reward-fp16-pad-is-eos',
  'tiny-reward-bf16-no-pad',
]

export const fixture = (name: string) => join(folder, name)

const Chat = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  ids: z.array(z.number()),
})

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
  sequences: z
    .array(z.object({ ids: z.array(z.number()), logits: z.array(z.number()) }))
    .default([]),
})

export async function expected(name: string): Promise<z.infer<typeof Expected>> {
  return Expected.parse(JSON.parse(await readFile(join(fixture(name), 'expected.json'), 'utf8')))
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
