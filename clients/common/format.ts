/** Numbers as people read them, the same on the page and in the terminal. */

const counts = new Intl.NumberFormat('en')
const rough = new Intl.NumberFormat('en', {
  notation: 'compact',
  maximumSignificantDigits: 2,
})
const costs = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })
const minus = '\u2212'

/** A reward (a raw logit, any sign) with two decimals and a true minus sign. */
export function formatReward(reward: number): string {
  const digits = Math.abs(reward).toFixed(2)
  return reward < 0 && Number(digits) !== 0 ? `${minus}${digits}` : digits
}

/** A difference of rewards; the sign is always there. */
export function formatGain(gain: number): string {
  const text = formatReward(gain)
  return text.startsWith(minus) ? text : `+${text}`
}

export const formatCount = (count: number): string => counts.format(count)

/** A count that is not exact: two significant digits, in thousands or millions where it is large. */
export const formatRough = (count: number): string => rough.format(count)

/** Money in whatever currency its prices were given, three significant digits. */
export const formatCost = (cost: number): string => costs.format(cost)

/** Seconds as `2.1 s`, `48 s` or `3 min 07 s`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}

/** Short name of a candidate: the first of iteration 0 is `0A`, the 28th of iteration 2 `2AB`. */
export function placeName(iteration: number, index: number): string {
  let letters = ''
  for (let rest = index; rest >= 0; rest = Math.floor(rest / 26) - 1) {
    letters = String.fromCodePoint(65 + (rest % 26)) + letters
  }
  return `${iteration}${letters}`
}
