/** Sequences in, rewards out: what every contract of this service comes down to. */
import { setImmediate } from 'node:timers/promises'
import { InferenceError } from '../inference/errors.ts'
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
 * Throws a problem that names the field when a sequence is empty, does not fit into the model's
 * context, or is none that the model knows.
 */
export function createScore(model: RewardModel): Score {
  return async (sequences, signal) => {
    const began = performance.now()
    const encoded: Int32Array[] = []
    for (const sequence of sequences) {
      encoded.push(encode(model, sequence))
      // Many long sequences must not hold up other callers.
      await setImmediate()
    }
    const tokenize = performance.now() - began
    const { rewards, timing } = await model.rewards(encoded, signal)
    return {
      scored: rewards.map((reward, index) => ({ reward, tokens: encoded[index]?.length ?? 0 })),
      timing: {
        queue: microseconds(timing.queue),
        tokenize: microseconds(tokenize),
        model: microseconds(timing.model),
      },
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

/** Milliseconds to the microsecond. */
const microseconds = (milliseconds: number) => Math.round(milliseconds * 1000) / 1000
