/** One forward pass of a classifier. */
import { floatOutput, type InferenceSession, integers, rotaryTables } from '../ort.ts'
import type { RopeTables } from '../rope.ts'
import type { PackedBatch } from './packing.ts'

/** Logits [sequences, labels]; a head may read several states of a sequence for them. */
export async function score(
  session: InferenceSession,
  rope: (length: number) => readonly RopeTables[],
  batch: PackedBatch,
): Promise<Float32Array> {
  const { lengths, longest, sequenceTokens } = batch
  const ids = atLeastTwo(batch.ids)
  const tokenPlaces = atLeastTwo(batch.tokenPlaces)
  const reads = lengths.length === 1 ? twice(batch.reads) : batch.reads
  const outputs = await session.run({
    input_ids: integers(ids, [1, ids.length]),
    sequence_tokens: integers(sequenceTokens, [lengths.length, longest]),
    token_places: integers(tokenPlaces, [tokenPlaces.length]),
    lengths: integers(
      lengths.map((length) => length - 1),
      [lengths.length],
    ),
    total_length: integers(Int32Array.of(longest), []),
    ...rotaryTables(rope(longest)),
    positions: integers(reads, [reads.length]),
  })
  const logits = floatOutput(outputs, 'logits')
  return logits.subarray(0, (logits.length / reads.length) * batch.reads.length)
}

/**
 * A product with a single row takes another path on the CPU, with other bits: a score would depend
 * on whether another one stands beside it.
 */
const atLeastTwo = (values: Int32Array): Int32Array =>
  values.length === 1 ? twice(values) : values

const twice = (values: Int32Array): Int32Array => Int32Array.of(...values, ...values)
