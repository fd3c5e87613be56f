/** The bounds of what a model call can be asked, shared by settings and edits. */
import { z } from 'zod'

export const temperature = z.number().min(0).max(2)
export const topP = z.number().gt(0).max(1)
export const maxTokens = z.number().int().min(1).max(1_000_000)
export const samples = z.number().int().min(1).max(128)
export const runSeed = z
  .number()
  .int()
  .min(0)
  .max(2 ** 31 - 1)
