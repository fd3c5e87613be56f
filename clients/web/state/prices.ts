/** What tokens cost, where a person has told this browser; for their own information only. */
import { z } from 'zod'
import { kept } from './preferences.ts'

const price = z.number().min(0).optional()

/** Per million tokens, in whatever currency. */
const prices = kept('prices', z.object({ prompt: price, completion: price }), {})

const field = (of: 'prompt' | 'completion') => ({
  get value() {
    return prices.value[of]
  },
  set value(value: number | undefined) {
    prices.value = { ...prices.value, [of]: value }
  },
})

export const promptPrice = field('prompt')
export const completionPrice = field('completion')

/** Null where no price is known. */
export function costOf(promptTokens: number, completionTokens: number): number | null {
  const { prompt, completion } = prices.value
  if (prompt === undefined && completion === undefined) return null
  return (promptTokens * (prompt ?? 0) + completionTokens * (completion ?? 0)) / 1_000_000
}
