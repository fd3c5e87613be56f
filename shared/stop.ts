/** When a run ends before its last iteration, and why it ended. */
import { z } from 'zod'

export const StopSettings = z
  .object({
    plateau: z
      .number()
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('End when so many iterations in a row brought no better answer'),
    min_improvement: z
      .number()
      .min(0)
      .optional()
      .describe('With plateau: the least gain in reward over those iterations that counts'),
    target_reward: z.number().optional().describe('End when the best answer has this reward'),
    min_gap: z
      .number()
      .min(0)
      .optional()
      .describe(
        "End when an iteration's best and worst reward are closer than this; one answer alone has no gap",
      ),
    token_budget: z
      .number()
      .int()
      .min(1)
      .optional()
      .describe(
        'End before an iteration that would spend more tokens than this (by the average so far), and between its steps once they are spent',
      ),
    deadline: z
      .number()
      .positive()
      .max(86_400)
      .optional()
      .describe(
        'Seconds inside steps: end before an iteration that would last longer (by the average so far); a step in hand ends with the answers that are complete, and they are scored',
      ),
  })
  .strict()
  .refine((stop) => stop.min_improvement === undefined || stop.plateau !== undefined, {
    message: 'goes with plateau; give both, or leave it out',
    path: ['min_improvement'],
  })
export type StopSettings = z.infer<typeof StopSettings>

/** `iterations`: all were done. */
export const StopReason = z.enum([
  'iterations',
  'plateau',
  'target_reward',
  'small_gap',
  'token_budget',
  'deadline',
])
export type StopReason = z.infer<typeof StopReason>
