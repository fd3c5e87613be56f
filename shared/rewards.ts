/** The reward contract: one prompt, N candidates, rewards in the order of the candidates. */
import { z } from 'zod'
import { Message, RewardDetail } from './tpo.ts'

const oneForm = 'give either `messages` and `candidates`, or `sequences`'
const leftOut = (reason: string) => z.never(reason).optional()

const model = z.string().min(1).optional()
const explain = z
  .boolean()
  .default(false)
  .describe('Also tell, for each reward, the text that was read and the token that was scored')

/** One check for all of them: a request may hold a million. */
export const TokenIds = z.custom<readonly number[]>(
  (ids) =>
    Array.isArray(ids) && ids.length > 0 && ids.every((id) => Number.isInteger(id) && id >= 0),
  'expected token ids, whole numbers from 0',
)

const CandidatesRequest = z
  .object({
    model,
    messages: z.array(Message).min(1).max(1000).describe('The conversation the candidates answer'),
    candidates: z.array(z.string().min(1)).min(1).max(1024),
    sequences: leftOut(oneForm),
    truncate: z
      .boolean()
      .default(false)
      .describe(
        'Make what is longer than the model takes fit, by cutting the middle out of messages, the longest first; an error otherwise',
      ),
    explain,
  })
  .strict()

const SequencesRequest = z
  .object({
    model,
    messages: leftOut(oneForm),
    candidates: leftOut(oneForm),
    sequences: z
      .array(TokenIds, oneForm)
      .min(1)
      .max(1024)
      .describe('Token ids of whole conversations, as the chat template and tokenizer give them'),
    truncate: leftOut('token ids are scored as they are; shorten them, or send messages'),
    explain,
  })
  .strict()

export const RewardsRequest = z
  .union([CandidatesRequest, SequencesRequest])
  .meta({ id: 'RewardsRequest' })
export type RewardsRequest = z.infer<typeof RewardsRequest>
/** As a client sends it. */
export type RewardsCall = z.input<typeof RewardsRequest>

export const RewardsAnswer = z
  .object({
    model: z.string(),
    rewards: z.array(
      RewardDetail.extend({
        index: z.number().int(),
        reward: z.number().describe('The raw logit of the reward model'),
      }).meta({ id: 'Reward' }),
    ),
    dtype: z.string(),
    provider: z.string(),
    template_hash: z.string().describe('SHA-256 of the chat template, first 16 hex digits'),
    usage: z
      .object({ prompt_tokens: z.number().int(), total_tokens: z.number().int() })
      .describe('Tokens of the conversation before any cut, and of all sequences as scored'),
    timing: z
      .object({ queue: z.number(), tokenize: z.number(), model: z.number() })
      .describe('Milliseconds'),
  })
  .meta({ id: 'RewardsAnswer' })
export type RewardsAnswer = z.infer<typeof RewardsAnswer>
