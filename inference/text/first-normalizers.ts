/** The first steps of a tokenizer's normalizer, where they are SentencePiece's. */
import { z } from 'zod'
import { precompiledNormalizer } from './precompiled.ts'

const Strip = z.object({
  type: z.literal('Strip'),
  strip_left: z.boolean(),
  strip_right: z.boolean(),
})
const Precompiled = z.object({ type: z.literal('Precompiled'), precompiled_charsmap: z.string() })
const Steps = z.object({ type: z.literal('Sequence'), normalizers: z.array(z.unknown()) })

/**
 * The first steps of a normalizer as far as they are SentencePiece's, which the tokenizer library
 * does in another way, and what is left of it. The start and the end of a text are stripped of
 * Unicode's white space, which the byte order mark is not.
 */
export function firstNormalizers(normalizer: unknown): {
  normalize: (text: string) => string
  rest: unknown
} {
  const steps = Steps.safeParse(normalizer).data?.normalizers ?? [normalizer]
  const first: ((text: string) => string)[] = []
  for (const step of steps) {
    const strip = Strip.safeParse(step).data
    const map = Precompiled.safeParse(step).data
    if (map !== undefined) first.push(precompiledNormalizer(map.precompiled_charsmap))
    if (strip?.strip_left === true) first.push((text) => text.replace(/^\p{White_Space}+/u, ''))
    if (strip?.strip_right === true) first.push((text) => text.replace(/\p{White_Space}+$/u, ''))
    if (map === undefined && strip === undefined) break
  }
  const taken = steps.findIndex(
    (step) => !Strip.safeParse(step).success && !Precompiled.safeParse(step).success,
  )
  const left = taken === -1 ? [] : steps.slice(taken)
  return {
    normalize: (text) => first.reduce((normalized, step) => step(normalized), text),
    rest: left.length === 0 ? null : { type: 'Sequence', normalizers: left },
  }
}
