/** A sequence is longer than its limit. */
export class TooManyTokens extends Error {
  override readonly name = 'TooManyTokens'
  /** How many it has; at least so many where it is far longer, and was not read to its end. */
  readonly tokens: number
  readonly exact: boolean

  constructor(tokens: number, exact: boolean) {
    super(`${tokens} tokens`)
    this.tokens = tokens
    this.exact = exact
  }
}

/** Below this, some 0.3 s of work, every text is read to its end. */
const alwaysRead = 2 ** 18

/**
 * Of a text that is likely far too long, its beginning tells, in a fraction of the time. Throws
 * `TooManyTokens` then.
 */
export function expectWithin(
  text: string,
  limit: number,
  encode: (part: string) => { length: number },
): void {
  const likely = Math.max(8 * limit, alwaysRead)
  if (text.length <= likely) return
  const { length } = encode(text.slice(0, likely))
  if (length > limit) throw new TooManyTokens(length, false)
}
