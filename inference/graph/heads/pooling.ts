/** Which token of a sequence a head scores. */

/**
 * The position whose state a classifier scores, by the rule of transformers: the last token that
 * is not padding (the first one if all are), or the last token where no padding token is set.
 */
export function pooledPosition(ids: Int32Array, padToken: number | null): number {
  const last = padToken === null ? ids.length - 1 : ids.findLastIndex((id) => id !== padToken)
  return Math.max(0, last)
}
