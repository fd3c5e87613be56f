/** Sequences in, rewards out: what every contract of this service comes down to. */
import type { EncodedSequence, SequenceSource } from '../inference/text/sequences.ts'
import { TooManyTokens } from '../inference/text/too-many-tokens.ts'
import { SequenceError } from '../inference/text/text-pool.ts'
import { problem } from '../shared/problems.ts'
import type { RewardsAnswer } from '../shared/rewards.ts'
import type { PooledToken, ReadOptions, RewardModel } from './reward-model.ts'

/** A sequence and the field of the request that it came from, as a JSON path. */
export type Sequence = SequenceSource & {
  path: string
  /** The field that a chat template refuses, where it is another. */
  refusedPath?: string
}

export interface Scored {
  /** The raw logit. */
  reward: number
  tokens: number
  /** Tokens that were cut out. */
  cut: number
  /** What was read and which token was scored; null where it was not asked for. */
  explanation: { rendered: string; pooled: PooledToken } | null
}

export interface Scores {
  /** In the order of the sequences. */
  scored: Scored[]
  timing: RewardsAnswer['timing']
}

/**
 * Throws a problem that names the field when a sequence is empty, does not fit into the model's
 * context, or is none that the model knows.
 */
export type Score = (
  sequences: readonly Sequence[],
  signal: AbortSignal,
  options?: Partial<ReadOptions>,
) => Promise<Scores>

export function createScore(model: RewardModel): Score {
  return async (sequences, signal, { truncate = false, explain = false } = {}) => {
    const began = performance.now()
    const encoded = await model
      .encode(sequences, { truncate, explain }, signal)
      .catch((error: unknown) => {
        throw error instanceof SequenceError ? refusal(error, sequences, model, truncate) : error
      })
    const empty = sequences[encoded.findIndex(({ ids }) => ids.length === 0)]
    if (empty !== undefined) {
      const { path } = empty
      throw problem('invalid_request', `${path}: there is nothing to score in it.`, { path })
    }
    const tokenize = performance.now() - began
    const ids = encoded.map((sequence) => sequence.ids)
    const pooled = explain ? await model.pooledTokens(ids) : []
    const { rewards, timing } = await model.rewards(ids, signal)
    return {
      scored: encoded.map((sequence, index) => ({
        reward: rewards[index] ?? Number.NaN,
        tokens: sequence.ids.length,
        cut: sequence.cut,
        explanation: explanationOf(sequence, pooled[index]),
      })),
      timing: {
        queue: microseconds(timing.queue),
        tokenize: microseconds(tokenize),
        model: microseconds(timing.model),
      },
    }
  }
}

function explanationOf({ rendered }: EncodedSequence, pooled: PooledToken | undefined) {
  return rendered === null || pooled === undefined ? null : { rendered, pooled }
}

function refusal(
  { index, cause }: SequenceError,
  sequences: readonly Sequence[],
  { name, context }: RewardModel,
  truncate: boolean,
): Error {
  const { path = '$', refusedPath = path } = sequences[index] ?? {}
  if (cause instanceof TooManyTokens) {
    const tokens = `${cause.exact ? '' : 'more than '}${cause.tokens}`
    const remedy = truncate ? 'No cut of its messages makes it fit; shorten it.' : 'Shorten it.'
    return problem(
      'too_many_tokens',
      `${path}: the whole sequence has ${tokens} tokens, ${name} takes ${context}. ${remedy}`,
      { path, cause },
    )
  }
  if (cause.fault !== 'prompt') return cause
  return problem('invalid_request', `${refusedPath}: ${cause.message}`, {
    path: refusedPath,
    cause,
  })
}

/** Milliseconds to the microsecond. */
const microseconds = (milliseconds: number) => Math.round(milliseconds * 1000) / 1000
