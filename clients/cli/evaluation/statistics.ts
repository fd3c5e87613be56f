/** Means and shares with how sure they are: intervals that cover the true value 95 times of 100. */

import { mean, squares } from '../../common/statistics.ts'

/** Its ends are null where one value alone tells nothing of how sure it is. */
export interface Interval {
  readonly value: number
  readonly low: number | null
  readonly high: number | null
}

/** The 97.5 % quantile of the standard normal distribution. */
const z = 1.959963984540054

/** Sample standard deviation (n − 1); NaN of fewer than two values. */
export const deviation = (values: readonly number[]): number =>
  Math.sqrt(squares(values) / (values.length - 1))

/** A mean with Student's interval; null of no value. */
export function meanInterval(values: readonly number[]): Interval | null {
  if (values.length === 0) return null
  const value = mean(values)
  if (values.length === 1) return { value, low: null, high: null }
  const reach = (studentQuantile(values.length - 1) * deviation(values)) / Math.sqrt(values.length)
  return { value, low: value - reach, high: value + reach }
}

/**
 * A share of n trials with Wilson's interval, which also holds near 0 and 1. Where half wins are
 * counted it is wider than it need be.
 */
export function shareInterval(share: number, n: number): Interval | null {
  if (n === 0) return null
  const center = (share + z ** 2 / (2 * n)) / (1 + z ** 2 / n)
  const reach =
    (z / (1 + z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2))
  return { value: share, low: Math.max(0, center - reach), high: Math.min(1, center + reach) }
}

/**
 * The 97.5 % quantile of Student's t: exact for 1 and 2 degrees of freedom, else the expansion of
 * Abramowitz and Stegun, 26.7.5 (within 0.3 % from 3 on).
 */
export function studentQuantile(freedom: number): number {
  if (freedom === 1) return Math.tan(Math.PI * 0.475)
  if (freedom === 2) return 0.95 * Math.sqrt(2 / (1 - 0.95 ** 2))
  return (
    z +
    (z ** 3 + z) / (4 * freedom) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3) +
    (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / (92_160 * freedom ** 4)
  )
}
