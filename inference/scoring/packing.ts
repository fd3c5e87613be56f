/**
 * Several sequences as one flat row of tokens in which a beginning that they share stands once. All
 * work per token is done on that row, without padding; only attention sees whole sequences, which
 * it gathers from the row.
 */

/** A sequence to score. */
export interface Sequence {
  /** Token ids; at least one. */
  ids: Int32Array
  /** Positions whose states the head reads; as many for every sequence. */
  reads: readonly number[]
}

/** What one forward pass takes: T tokens of R sequences. */
interface Packed {
  /** [T] */
  ids: Int32Array
  /** Length of each sequence, [R]. */
  lengths: Int32Array
  /** Places in the row that the head reads, [R · reads]. */
  reads: Int32Array
}

/** For attention that gathers sequences, the longest of which has L tokens, or L - 1. */
export interface GatheredBatch extends Packed {
  kind: 'gathered'
  longest: number
  /** Places in the row of each sequence's tokens, [R · L]; after its end, its own last one again. */
  sequenceTokens: Int32Array
  /** For each token of the row, one of its places in `sequenceTokens`, [T]. */
  tokenPlaces: Int32Array
}

/** For attention over a paged cache. */
export interface PagedBatch extends Packed {
  kind: 'paged'
  /** Where each sequence's own tokens begin in the row, and where the last ones end, [R + 1]. */
  ends: Int32Array
  /** Tokens before a sequence's own ones, in pages of others, [R]. */
  past: Int32Array
  /** How many pages there are. */
  pages: number
  /** Each sequence's pages, [R, most pages of one]. */
  pageTable: Int32Array
}

export type PackedBatch = GatheredBatch | PagedBatch

/** A run of tokens that stand side by side in the row, and what follows it. */
interface Run {
  ids: Int32Array
  place: number
  next: Map<number, Run>
}

/** Where a sequence leaves what is packed already. */
interface Fork {
  /** The run that it leaves, after so many of its tokens. */
  run: Run
  within: number
  /** Tokens shared from the beginning. */
  shared: number
}

export interface Packing<Batch = PackedBatch> {
  /** Tokens that the sequence shares with those packed. */
  shared: (ids: Int32Array) => number
  add: (sequence: Sequence) => void
  build: () => Batch
}

/** Packs sequences by the tree of their common beginnings. */
export function createPacking(): Packing<GatheredBatch> {
  const root: Run = { ids: new Int32Array(), place: 0, next: new Map() }
  const fresh: Int32Array[] = []
  const rows: { places: Int32Array; firstFresh: number; reads: readonly number[] }[] = []
  let tokens = 0

  /** Writes the places of shared tokens into `places`. */
  const follow = (ids: Int32Array, places?: Int32Array): Fork => {
    let run = root
    let shared = 0
    for (;;) {
      let within = 0
      while (within < run.ids.length && shared < ids.length && run.ids[within] === ids[shared]) {
        if (places !== undefined) places[shared] = run.place + within
        shared++
        within++
      }
      const next = within === run.ids.length ? run.next.get(ids[shared] ?? -1) : undefined
      if (next === undefined) return { run, within, shared }
      run = next
    }
  }

  /** The run as it ends after `within` tokens; the rest of it follows. */
  const split = (run: Run, within: number) => {
    if (within === run.ids.length) return
    const rest = { ids: run.ids.subarray(within), place: run.place + within, next: run.next }
    run.next = new Map([[rest.ids[0] ?? -1, rest]])
    run.ids = run.ids.subarray(0, within)
  }

  return {
    shared: (ids) => follow(ids).shared,

    add({ ids, reads }) {
      const places = new Int32Array(ids.length)
      const { run, within, shared } = follow(ids, places)
      const own = ids.subarray(shared)
      if (own.length > 0) {
        split(run, within)
        run.next.set(own[0] ?? -1, { ids: own, place: tokens, next: new Map() })
        fresh.push(own)
        for (let position = shared; position < ids.length; position++) places[position] = tokens++
      }
      rows.push({ places, firstFresh: shared, reads })
    },

    build() {
      // Even: attention on the CPU goes block by block, and a last block of a single row would take
      // another path, with other bits, than the same row before padding.
      const longest = 2 * Math.ceil(Math.max(...rows.map(({ places }) => places.length)) / 2)
      const ids = new Int32Array(tokens)
      const sequenceTokens = new Int32Array(rows.length * longest)
      const tokenPlaces = new Int32Array(tokens)
      let filled = 0
      for (const own of fresh) {
        ids.set(own, filled)
        filled += own.length
      }
      for (const [row, { places, firstFresh }] of rows.entries()) {
        const start = row * longest
        sequenceTokens.set(places, start)
        sequenceTokens.fill(places.at(-1) ?? 0, start + places.length, start + longest)
        for (let position = firstFresh; position < places.length; position++) {
          tokenPlaces[places[position] ?? 0] = start + position
        }
      }
      return {
        kind: 'gathered',
        ids,
        lengths: Int32Array.from(rows, ({ places }) => places.length),
        longest,
        sequenceTokens,
        tokenPlaces,
        reads: Int32Array.from(
          rows.flatMap(({ places, reads }) => reads.map((position) => places[position] ?? 0)),
        ),
      }
    },
  }
}
