/**
 * SentencePiece's own normalisation, `Precompiled` in tokenizer.json: a trie of texts that are
 * replaced. As the tokenizers library of Hugging Face applies it; that of npm knows one map, NFKC.
 */

/** Units of a double-array trie: see `darts-clone`. */
const leaf = 1 << 8
const hasLeaf = (unit: number) => (unit & leaf) !== 0
const valueOf = (unit: number) => unit & 0x7fffffff
const labelOf = (unit: number) => unit & 0x800000ff
const offsetOf = (unit: number) => (unit >>> 10) << ((unit & (1 << 9)) >>> 6)

/** Longer clusters, in bytes of UTF-8, are looked up by their characters alone. */
const longestCluster = 5

const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' })
const utf8 = new TextEncoder()

/** `charsmap` is base64: the size of the trie in bytes, the trie, and texts that end with a NUL. */
export function precompiledNormalizer(charsmap: string): (text: string) => string {
  const bytes = Buffer.from(charsmap, 'base64')
  const size = bytes.length < 4 ? 0 : Math.min(bytes.readUInt32LE(0), bytes.length - 4)
  const trie = Array.from({ length: size >>> 2 }, (_, unit) => bytes.readInt32LE(4 + 4 * unit))
  const texts = bytes.subarray(4 + size)
  const known = new Map<string, string | undefined>()

  /** Where the shortest beginning of the key that has one has its replacement. */
  const find = (key: Uint8Array): number | undefined => {
    let place = offsetOf(trie[0] ?? 0)
    for (const byte of key) {
      place ^= byte
      const unit = trie[place]
      if (byte === 0 || unit === undefined || labelOf(unit) !== byte) return undefined
      place ^= offsetOf(unit)
      if (hasLeaf(unit)) return valueOf(trie[place] ?? 0)
    }
    return undefined
  }
  const replacement = (text: string): string | undefined => {
    if (known.has(text)) return known.get(text)
    const start = find(utf8.encode(text))
    const found =
      start === undefined ? undefined : texts.toString('utf8', start, texts.indexOf(0, start))
    // Few different ones occur, yet anyone may send them all.
    if (known.size < 10_000) known.set(text, found)
    return found
  }
  const whole = (cluster: string) =>
    Buffer.byteLength(cluster) <= longestCluster ? replacement(cluster) : undefined
  return (text) =>
    Array.from(
      graphemes.segment(text),
      ({ segment }) =>
        whole(segment) ?? Array.from(segment, (char) => replacement(char) ?? char).join(''),
    ).join('')
}
