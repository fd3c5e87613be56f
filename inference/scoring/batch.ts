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
  /** Whether more was waiting than fitted. */
  full: boolean
}

/** Attention pads to the longest sequence: at most this part of its work may be for real tokens. */
const leastFilled = 0.5

/** Shared prompts repeat in attention: its padded positions may be so many times the tokens. */
const mostRepeated = 4

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
  let [tokens, lengths, longest] = [0, 0, 0]
  let full = false

  const consider = (sequence: S) => {
    const length = sequence.ids.length
    const added = length - packing.shared(sequence.ids)
    const cells = (members.length + 1) * Math.max(longest, length)
    const wasteful =
      cells > mostRepeated * batching.tokens || lengths + length < leastFilled * cells
    const fits =
      members.length < batching.sequences &&
      tokens + added <= batching.tokens &&
      !(batching.padded && wasteful)
    if (members.length > 0 && !fits) {
      full = true
      return
    }
    packing.add(sequence)
    members.push(sequence)
    tokens += added
    lengths += length
    longest = Math.max(longest, length)
  }

  for (const sequence of waiting) {
    const related = packing.shared(sequence.ids) >= sequence.ids.length / 2
    if (members.length === 0 || related) consider(sequence)
    else rest.push(sequence)
    if (tokens >= batching.tokens) break
  }
  for (const sequence of rest) {
    if (tokens >= batching.tokens) break
    consider(sequence)
  }
  return { members, packed: packing.build(), full: full || members.length < waiting.length }
}
