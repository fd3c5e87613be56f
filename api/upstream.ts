/** What both upstream clients need to speak of a server without giving anything away. */

export interface Upstream {
  /** Host and port, the only part of its address that may be shown. */
  host: string
  /** What must never be shown: its key, and the name and password of its address. */
  secrets: readonly string[]
}

export interface Address extends Upstream {
  /** Without a name and password, which `fetch` refuses. */
  url: string
  /** The header that proves who asks: the key, else the address's name and password. */
  authorization?: string
}

/** A configured address, taken apart into what may be shown and what may not. */
export function addressOf(baseUrl: string, apiKey: string | undefined): Address {
  const url = new URL(baseUrl)
  const { host, username, password } = url
  const login = [username, password].map(decoded).join(':')
  const basic = btoa(String.fromCharCode(...new TextEncoder().encode(login)))
  url.username = ''
  url.password = ''
  // Without a password, the name is the secret.
  const secret = password === '' ? username : password
  const named = secret === '' ? [] : [secret, decoded(secret), basic]
  const proof =
    apiKey === undefined ? (secret === '' ? undefined : `Basic ${basic}`) : `Bearer ${apiKey}`
  return {
    url: url.href,
    host,
    secrets: apiKey === undefined ? named : [apiKey, ...named],
    ...(proof !== undefined && { authorization: proof }),
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * What the server said, ready to follow a sentence: shortened, without the secrets it may have
 * echoed. Ends the sentence.
 */
export function quoted(message: string, { secrets }: Upstream): string {
  const safe = secrets.reduce((text, secret) => text.replaceAll(secret, '…'), message)
  const line = safe.replaceAll(/\s+/g, ' ').trim()
  if (line === '') return '.'
  return `: ${line.length > 400 ? `${line.slice(0, 400)}…` : line}${/[.!?]$/.test(line) ? '' : '.'}`
}

/** Aborts after `seconds`; Node takes whole milliseconds only, and 2.3 s are 2299.9999999999995. */
export const timeoutAfter = (seconds: number): AbortSignal =>
  AbortSignal.timeout(Math.ceil(seconds * 1000))

export interface Limit {
  /** Aborts with the caller's, and when the time is over. */
  signal: AbortSignal
  timedOut: () => boolean
}

/**
 * Runs one call, of one request or several, for `seconds` at most; where one fails, the signal ends
 * the others. Timer and listener end with the call: those of `AbortSignal.timeout` and `any` stay
 * in memory until the time is over.
 */
export async function limited<T>(
  signal: AbortSignal,
  seconds: number,
  call: (limit: Limit) => Promise<T>,
): Promise<T> {
  const abort = new AbortController()
  let timedOut = false
  const leave = () => abort.abort(signal.reason)
  const timer = setTimeout(() => {
    timedOut = true
    abort.abort()
  }, seconds * 1000)
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave)
  try {
    return await call({ signal: abort.signal, timedOut: () => timedOut })
  } catch (error) {
    abort.abort(error)
    throw error
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', leave)
  }
}
