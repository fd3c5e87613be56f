/** Which of the waiting sequences go into the next forward pass. */
import { createPacking, type PackedBatch, type Sequence } from './packing.ts'

export interface BatchLimits {
  /** Tokens of one pass, a shared beginning counted once; a longer sequence goes alone. */
  tokens: number
  /** Sequences of one pass. */
  sequences: number
}

export interface Batch<S extends Sequence> {
  members: S[]
  packed: PackedBatch
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
  limits: BatchLimits,
): Batch<S> {
  const packing = createPacking()
  const members: S[] = []
  const rest: S[] = []
  let [tokens, lengths, longest] = [0, 0, 0]
  const isFull = () => tokens >= limits.tokens || members.length >= limits.sequences

  const consider = (sequence: S) => {
    const length = sequence.ids.length
    const added = length - packing.shared(sequence.ids)
    const cells = (members.length + 1) * Math.max(longest, length)
    const fits =
      tokens + added <= limits.tokens &&
      cells <= mostRepeated * limits.tokens &&
      lengths + length >= leastFilled * cells
    if (members.length > 0 && !fits) return
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
    if (isFull()) break
  }
  for (const sequence of rest) {
    if (isFull()) break
    consider(sequence)
  }
  return { members, packed: packing.build() }
}
