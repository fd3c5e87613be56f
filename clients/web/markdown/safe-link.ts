/** Where a link of an answer may lead. */
const schemes = new Set(['http:', 'https:', 'mailto:'])

/** An absolute address of the web or of mail, as the browser understands it; null for all else. */
export function safeLink(href: string): string | null {
  if (!URL.canParse(href)) return null
  const url = new URL(href)
  return schemes.has(url.protocol) ? url.href : null
}
