/** Token ids of texts of which much comes again: a prompt before each of its candidates. */

/** Characters of the parts that are remembered, the newest ones. */
const maxRemembered = 2 ** 20

/**
 * Encodes a text part by part, each from a control token to the next: no token reaches over one.
 * Parts are remembered, so that a prompt is read once for all its candidates.
 */
export function createPartEncoder(
  encode: (text: string) => number[],
  control: RegExp,
): (text: string) => number[] {
  const known = new Map<string, number[]>()
  let remembered = 0

  const encodePart = (part: string): number[] => {
    const found = known.get(part)
    const ids = found ?? encode(part)
    if (found !== undefined) known.delete(part)
    else remembered += part.length
    known.set(part, ids)
    for (const oldest of known.keys()) {
      if (remembered <= maxRemembered) break
      known.delete(oldest)
      remembered -= oldest.length
    }
    return ids
  }

  return (text) => {
    const starts = Array.from(text.matchAll(control), ({ index }) => index)
    const bounds = [...new Set([0, ...starts, text.length])]
    return bounds.slice(1).flatMap((end, place) => encodePart(text.slice(bounds[place], end)))
  }
}
