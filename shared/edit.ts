/** A person in the loop: what can be changed in a run just before its next step. */
import { z } from 'zod'
import { maxTokens, runSeed, samples, temperature, topP } from './sampling.ts'

const text = z.string().trim().min(1).max(1_000_000)

const EditedAnswer = z
  .union([z.enum(['best', 'worst']), z.object({ text }).strict()])
  .describe('The best or worst answer so far, or one of your own')

const EditedSampling = z
  .object({ temperature, top_p: topP, max_tokens: maxTokens, samples, seed: runSeed })
  .partial()
  .strict()

export const Edit = z
  .object({
    add: z
      .array(text)
      .min(1)
      .max(128)
      .optional()
      .describe('Before score: answers of your own, scored beside those that were drawn'),
    drop: z
      .array(z.number().int())
      .min(1)
      .max(1024)
      .optional()
      .describe('Before score: indexes of candidates to leave out'),
    chosen: EditedAnswer.optional().describe(
      'Before loss: the answer this iteration improves; run.best stays the highest reward',
    ),
    rejected: EditedAnswer.optional().describe(
      'Before loss, in mode tpo: the answer it is compared with',
    ),
    loss: text.optional().describe('Before gradient: replaces the textual loss'),
    gradient: text.optional().describe('Before update: replaces the textual gradient'),
    sampling: EditedSampling.optional().describe(
      'Before sample or update: how this one step draws; another seed draws new answers',
    ),
  })
  .strict()
  .meta({ id: 'Edit' })
export type Edit = z.infer<typeof Edit>

/** What of an edit outlives its step: until the iteration's answers are drawn. */
export const Edited = Edit.pick({ chosen: true, rejected: true, sampling: true })
export type Edited = z.infer<typeof Edited>
