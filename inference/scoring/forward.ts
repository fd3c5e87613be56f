/** One forward pass of a classifier. */
import {
  floatOutput,
  type InferenceSession,
  integers,
  longs,
  rotaryTables,
} from '../runtime/ort.ts'
import type { RopeTables } from '../runtime/rope.ts'
import type { GatheredBatch, PackedBatch, PagedBatch } from './packing.ts'

type Feeds = InferenceSession.FeedsType

export interface CacheShape {
  kvHeads: number
  headSize: number
  /** Tokens. */
  pageSize: number
}

/** Logits [sequences, labels]; a head may read several states of a sequence for them. */
export async function score(
  session: InferenceSession,
  rope: (length: number) => readonly RopeTables[],
  cache: CacheShape,
  batch: PackedBatch,
): Promise<Float32Array> {
  const longest = Math.max(...batch.lengths)
  const feeds = batch.kind === 'gathered' ? gatheredFeeds(batch) : pagedFeeds(batch, cache)
  const outputs = await session.run({ ...feeds, ...rotaryTables(rope(longest)) })
  const logits = floatOutput(outputs, 'logits')
  const count = feeds['positions']?.size ?? 1
  return logits.subarray(0, (logits.length / count) * batch.reads.length)
}

function gatheredFeeds(batch: GatheredBatch): Feeds {
  const { lengths, longest, sequenceTokens } = batch
  const ids = atLeastTwo(batch.ids)
  return {
    input_ids: integers(ids, [1, ids.length]),
    positions: vector(lengths.length === 1 ? twice(batch.reads) : batch.reads),
    sequence_tokens: integers(sequenceTokens, [lengths.length, longest]),
    token_places: vector(atLeastTwo(batch.tokenPlaces)),
    lengths: vector(lengths.map((length) => length - 1)),
    total_length: integers(Int32Array.of(longest), []),
  }
}

/**
 * A product with a single row takes another path on the CPU, with other bits: a score would depend
 * on whether another one stands beside it.
 */
const atLeastTwo = (values: Int32Array): Int32Array =>
  values.length === 1 ? twice(values) : values

const twice = (values: Int32Array): Int32Array => Int32Array.of(...values, ...values)

function pagedFeeds(batch: PagedBatch, { kvHeads, headSize, pageSize }: CacheShape): Feeds {
  const { ids, lengths, past, pages, pageTable } = batch
  const own = lengths.map((length, sequence) => length - (past[sequence] ?? 0))
  return {
    input_ids: integers(ids, [1, ids.length]),
    positions: vector(batch.reads),
    ends: vector(batch.ends),
    past: vector(past),
    page_table: integers(pageTable, [lengths.length, pageTable.length / lengths.length]),
    // Most own tokens, most and fewest tokens of a sequence: known here, nothing waits for the GPU.
    bounds: vector(Int32Array.of(Math.max(...own), Math.max(...lengths), Math.min(...lengths))),
    cache_shape: longs([pages, pageSize, kvHeads, headSize]),
  }
}

const vector = (values: Int32Array) => integers(values, [values.length])
