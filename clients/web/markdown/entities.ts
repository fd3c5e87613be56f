/** `&eacute;` and its like as the characters they stand for. */
const known = new Map<string, string>()

export const decodeEntities = (text: string): string =>
  text.includes('&')
    ? text.replace(/&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z][a-z\d]{1,31});/gi, decodeOne)
    : text

/** The browser knows all names; a document that is never shown runs and loads nothing. */
function decodeOne(entity: string): string {
  const decoded =
    known.get(entity) ??
    new DOMParser().parseFromString(entity, 'text/html').documentElement.textContent
  known.set(entity, decoded)
  return decoded
}
