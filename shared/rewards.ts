/** The reward contract: one prompt, N candidates, rewards in the order of the candidates. */
import { z } from 'zod'
import { Message } from './tpo.ts'

export const RewardsRequest = z
  .object({
    model: z.string().min(1).optional(),
    messages: z.array(Message).min(1).max(1000).describe('The conversation the candidates answer'),
    candidates: z.array(z.string().min(1)).min(1).max(1024),
  })
  .strict()
  .meta({ id: 'RewardsRequest' })
export type RewardsRequest = z.infer<typeof RewardsRequest>

export const RewardsAnswer = z
  .object({
    model: z.string(),
    rewards: z.array(
      z.object({
        index: z.number().int(),
        reward: z.number().describe('The raw logit of the reward model'),
        tokens: z.number().int().describe('Length of prompt and candidate together'),
        truncated: z.boolean(),
      }),
    ),
    dtype: z.string(),
    provider: z.string(),
    template_hash: z.string().describe('SHA-256 of the chat template, first 16 hex digits'),
    usage: z.object({ prompt_tokens: z.number().int(), total_tokens: z.number().int() }),
    timing: z
      .object({ queue: z.number(), tokenize: z.number(), model: z.number() })
      .describe('Milliseconds'),
  })
  .meta({ id: 'RewardsAnswer' })
export type RewardsAnswer = z.infer<typeof RewardsAnswer>
