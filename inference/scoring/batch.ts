/** Which of the waiting sequences go into the next forward pass. */
import type { PackedBatch, Packing, Sequence } from './packing.ts'

export interface BatchLimits {
  /** Tokens of one pass, a shared beginning counted once; a longer sequence goes alone. */
  tokens: number
  /** Sequences of one pass. */
  sequences: number
}

/** How a device takes its batches. */
export interface Batching extends BatchLimits {
  createPacking: () => Packing
  /** Attention pads all sequences to the longest. */
  padded: boolean
}

export interface Batch<S extends Sequence> {
  members: S[]
  packed: PackedBatch
}

/** Attention pads to the longest sequence: at most this part of its work may be for real tokens. */
const leastFilled = 0.5

/** Shared prompts repeat in attention: its padded positions may be so many times the tokens. */
const mostRepeated = 4

/** After so many that did not fit, the next ones hardly will; the line may be long. */
const mostMisfits = 64

/**
 * The one that waits longest, then those that share most of their tokens with it, then others in
 * order of arrival, as far as they fit and are of like length. Never empty; `waiting` must not be.
 */
export function chooseBatch<S extends Sequence>(
  waiting: readonly S[],
  batching: Batching,
): Batch<S> {
  const packing = batching.createPacking()
  const members: S[] = []
  const rest: S[] = []
  let [tokens, lengths, longest, misfits] = [0, 0, 0, 0]
  const isFull = () =>
    tokens >= batching.tokens || members.length >= batching.sequences || misfits >= mostMisfits

  const consider = (sequence: S, shared: number) => {
    const length = sequence.ids.length
    const added = length - shared
    const cells = (members.length + 1) * Math.max(longest, length)
    const wasteful =
      cells > mostRepeated * batching.tokens || lengths + length < leastFilled * cells
    const fits = tokens + added <= batching.tokens && !(batching.padded && wasteful)
    if (members.length > 0 && !fits) {
      misfits++
      return
    }
    packing.add(sequence)
    members.push(sequence)
    tokens += added
    lengths += length
    longest = Math.max(longest, length)
  }

  for (const sequence of waiting) {
    const shared = packing.shared(sequence.ids)
    if (members.length === 0 || shared >= sequence.ids.length / 2) consider(sequence, shared)
    else rest.push(sequence)
    if (isFull()) break
  }
  for (const sequence of rest) {
    if (isFull()) break
    consider(sequence, packing.shared(sequence.ids))
  }
  return { members, packed: packing.build() }
}
