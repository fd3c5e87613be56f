/** Policies that a caller names by address, where the operator allows it. */
import { z } from 'zod'

/** Carries the key of such a policy with each call; it is in no body, so in no cursor. */
export const policyKeyHeader = 'X-TPO-Policy-Key'

/** Where that key may go. A cursor does not show whom its run asks, and may be somebody else's. */
export const policyUrlHeader = 'X-TPO-Policy-URL'

/** Without escapes and path parameters, which servers behind a prefix may read as `..` and `/`. */
const plainPath = /^[\w.~:@!$&'()*+,=/-]*$/

/** What parsers of addresses leave out, or take for something else. */
const oddCharacters = /[\s\p{Cc}\\]/u

function plainUrl(text: string): URL | undefined {
  const url = oddCharacters.test(text) ? null : URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined
  const bare = url.username === '' && url.password === '' && !/[?#]/.test(url.href)
  return bare && plainPath.test(url.pathname) ? url : undefined
}

const isPlain = (text: string) => plainUrl(text) !== undefined

const shape =
  'an http:// or https:// address without a login, a query, a fragment, and % or ; in its path'

/** The address of an OpenAI-compatible server, as a caller may write it. */
export const PolicyUrl = z.string().max(2000).refine(isPlain, `must be ${shape}`)

/** What the operator allows: an address and all below it, or `*`. */
export const AllowedPolicyUrl = z
  .string()
  .refine((entry) => entry === '*' || isPlain(entry), `must be *, or ${shape}`)

/** Whether an address is at or below one of those allowed; compared as every `fetch` reads them. */
export function isAllowedPolicyUrl(allowed: readonly string[], asked: string): boolean {
  const url = plainUrl(asked)
  if (url === undefined) return false
  return allowed.some((entry) => {
    if (entry === '*') return true
    const { origin, pathname } = new URL(entry)
    return origin === url.origin && `${url.pathname}/`.startsWith(pathname.replace(/\/*$/, '/'))
  })
}
