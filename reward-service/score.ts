/** Sequences in, rewards out: what every contract of this service comes down to. */
import { setImmediate } from 'node:timers/promises'
import { InferenceError } from '../inference/errors.ts'
import type { Queue } from '../inference/queue.ts'
import { problem } from '../shared/problems.ts'
import type { RewardsAnswer } from '../shared/rewards.ts'
import type { RewardModel, SequenceSource } from './reward-model.ts'

/** A sequence and the field of the request that it came from, as a JSON path. */
export type Sequence = SequenceSource & { path: string }

export interface Scored {
  /** The raw logit. */
  reward: number
  tokens: number
}

export interface Scores {
  /** In the order of the sequences. */
  scored: Scored[]
  timing: RewardsAnswer['timing']
}

export type Score = (sequences: readonly Sequence[], signal: AbortSignal) => Promise<Scores>

/**
 * Scores in the order of the queue. Throws a problem that names the field when a sequence is empty,
 * does not fit into the model's context, or is none that the model knows.
 */
export function createScore(model: RewardModel, queue: Queue): Score {
  return async (sequences, signal) => {
    const clock = stopwatch()
    const encoded: Int32Array[] = []
    for (const sequence of sequences) {
      encoded.push(encode(model, sequence))
      // Many long sequences must not hold up other callers.
      await setImmediate()
    }
    const tokenize = clock()

    const leave = await queue.join(signal)
    const waited = clock()
    try {
      const scored: Scored[] = []
      for (const ids of encoded) {
        signal.throwIfAborted()
        scored.push({ reward: await model.reward(ids), tokens: ids.length })
      }
      return { scored, timing: { queue: waited, tokenize, model: clock() } }
    } finally {
      leave()
    }
  }
}

function encode(model: RewardModel, sequence: Sequence): Int32Array {
  const { path } = sequence
  const ids = idsOf(model, sequence)
  if (ids.length === 0) {
    throw problem('invalid_request', `${path}: there is nothing to score in it.`, { path })
  }
  if (ids.length > model.context) {
    throw problem(
      'too_many_tokens',
      `${path}: the whole sequence has ${ids.length} tokens, ${model.name} takes ${model.context}. Shorten it.`,
      { path },
    )
  }
  return ids
}

function idsOf(model: RewardModel, sequence: Sequence): Int32Array {
  try {
    return model.encode(sequence)
  } catch (cause) {
    if (!(cause instanceof InferenceError) || cause.fault !== 'prompt') throw cause
    const { path } = sequence
    throw problem('invalid_request', `${path}: ${cause.message}`, { path, cause })
  }
}

/** Milliseconds since it was last asked, to the microsecond. */
function stopwatch(): () => number {
  let last = performance.now()
  return () => {
    const now = performance.now()
    const elapsed = now - last
    last = now
    return Math.round(elapsed * 1000) / 1000
  }
}
