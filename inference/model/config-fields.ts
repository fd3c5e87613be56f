/** Fields of config.json that several families share, and errors about them. */
import { z } from 'zod'
import { InferenceError } from '../errors.ts'

export const size = z.number().int().min(1)
export const tokenId = z.number().int().min(0)

/** Says which file and which field is wrong. */
export function parse<S extends z.ZodType>(
  schema: S,
  value: unknown,
  path: string,
  file = 'config.json',
): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new InferenceError(
    'model',
    `${path}: ${file} has ${issue?.path.join('.')} that this runtime does not take: ${issue?.message}`,
  )
}
