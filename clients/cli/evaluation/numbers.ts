/** Numbers with how sure they are. */
import type { Interval } from './statistics.ts'

/** `± 0.21`, where that is known. */
export const plusMinus = ({ low, high }: Interval, format: (value: number) => string): string =>
  low === null || high === null ? '' : `\u00B1 ${format((high - low) / 2)}`

/** A share as `71 %`, as it stands on a line that may break. */
export const share = (value: number): string => `${Math.round(value * 100)}\u00A0%`

/** `62–79 %`. */
export const shareRange = ({ low, high }: Interval): string =>
  low === null || high === null ? '' : `${Math.round(low * 100)}–${share(high)}`

/** How many times as much: `3.1 ×`, or in words where it is about the same. */
export function times(one: number, other: number): string {
  const ratio = one / other
  return `${ratio < 10 ? ratio.toFixed(1) : Math.round(ratio)}\u00A0×`
}
