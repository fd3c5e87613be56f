/**
 * Several sequences as one flat row of tokens over a paged cache: whole pages of a beginning that
 * they share stand in the row once, and a sequence's own tokens begin behind the last of them.
 */
import type { PagedBatch, Packing, Sequence } from './packing.ts'

interface Page {
  number: number
  /** Place in the row of its first token. */
  place: number
  next: Map<string, Page>
}

interface Row {
  past: number
  own: Int32Array
  /** Numbers of all its pages, the shared ones first. */
  pages: number[]
  reads: number[]
}

/** Packs sequences by the tree of their common pages of `size` tokens. */
export function createPaging(size: number): Packing<PagedBatch> {
  const root = new Map<string, Page>()
  const rows: Row[] = []
  let pages = 0
  let tokens = 0

  const keyOf = (ids: Int32Array, start: number) =>
    Buffer.from(ids.buffer, ids.byteOffset + 4 * start, 4 * size).toString('latin1')

  /** Pages of the beginning that are there already; the last token is always the sequence's own. */
  const follow = (ids: Int32Array): Page[] => {
    const found: Page[] = []
    let next = root
    for (let start = 0; start + size < ids.length; start += size) {
      const page = next.get(keyOf(ids, start))
      if (page === undefined) break
      found.push(page)
      next = page.next
    }
    return found
  }

  return {
    shared: (ids) => size * follow(ids).length,

    add({ ids, reads }: Sequence) {
      const found = follow(ids)
      const past = size * found.length
      const own = ids.slice(past)
      const placeOf = (position: number) => {
        const page = found[Math.floor(position / size)]
        return page === undefined ? tokens + position - past : page.place + (position % size)
      }
      const row = {
        past,
        own,
        pages: found.map(({ number }) => number),
        reads: reads.map(placeOf),
      }
      let next = found.at(-1)?.next ?? root
      for (let start = past; start < ids.length; start += size) {
        const page = { number: pages++, place: tokens + start - past, next: new Map() }
        row.pages.push(page.number)
        if (start + size > ids.length) break
        next.set(keyOf(ids, start), page)
        next = page.next
      }
      tokens += own.length
      rows.push(row)
    },

    build() {
      const widest = Math.max(...rows.map((row) => row.pages.length))
      const ids = new Int32Array(tokens)
      const ends = new Int32Array(rows.length + 1)
      const pageTable = new Int32Array(rows.length * widest)
      for (const [index, { own, pages }] of rows.entries()) {
        ids.set(own, ends[index])
        ends[index + 1] = (ends[index] ?? 0) + own.length
        pageTable.set(pages, index * widest)
      }
      return {
        kind: 'paged',
        ids,
        lengths: Int32Array.from(rows, ({ past, own }) => past + own.length),
        reads: Int32Array.from(rows.flatMap(({ reads }) => reads)),
        ends,
        past: Int32Array.from(rows, ({ past }) => past),
        pages,
        pageTable,
      }
    },
  }
}
