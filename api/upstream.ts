/** What both upstream clients need to speak of a server without giving anything away. */

export interface Upstream {
  /** Host and port, the only part of its address that may be shown. */
  host: string
  apiKey?: string
}

/** Host and port of an address: neither its credentials nor its path. */
export const hostOf = (baseUrl: string): string => new URL(baseUrl).host

/**
 * What the server said, ready to follow a sentence: shortened, without the key it may have
 * echoed. Ends the sentence.
 */
export function quoted(message: string, { apiKey }: Upstream): string {
  const safe = apiKey === undefined ? message : message.replaceAll(apiKey, '…')
  const line = safe.replaceAll(/\s+/g, ' ').trim()
  if (line === '') return '.'
  return `: ${line.length > 400 ? `${line.slice(0, 400)}…` : line}${/[.!?]$/.test(line) ? '' : '.'}`
}

/** The signal of one call: aborts with its caller's, and after `seconds`. */
export function limited(signal: AbortSignal, seconds: number) {
  const timeout = AbortSignal.timeout(seconds * 1000)
  return { timeout, signal: AbortSignal.any([signal, timeout]) }
}
