/** Draws several answers to one prompt as one batch. */
import { createAnswerText } from './answer-text.ts'
import type { CausalModel } from './causal.ts'
import type { TokenBytes } from './detokenizer.ts'
import { createSampler, type Sampling } from './sampling.ts'

export interface GenerationRequest {
  /** The prompt. */
  ids: Int32Array
  /** Number of answers. */
  answers: number
  sampling: Sampling
  /** Longest answer in tokens. */
  maxTokens: number
  /** Strings that end an answer and are not part of it. */
  stop: readonly string[]
  /** Tokens that end an answer. */
  eosTokens: readonly number[]
}

/** What one answer gained in one step. */
export interface AnswerDelta {
  index: number
  text: string
  /** Tokens drawn so far, the one that ended the answer included. */
  tokens: number
  /** Set on the last one: `stop` by token or stop string, `length` when cut by maxTokens. */
  finish: 'stop' | 'length' | null
  /** The stop string that ended the answer. */
  stopString: string | null
}

/**
 * Yields once per decoding step what the answers gained, until all have ended or `isStopped`. An
 * answer that ends leaves the batch. The same request gives the same answers.
 */
export async function* generate(
  model: CausalModel,
  tokenBytes: TokenBytes,
  request: GenerationRequest,
  isStopped: () => boolean,
): AsyncGenerator<AnswerDelta[], void, undefined> {
  const { ids, answers, sampling, maxTokens, stop } = request
  const eosTokens = new Set(request.eosTokens)
  const { logits: first, decoding } = await model.prefill(ids, answers, isStopped)
  let logits = first
  const width = first.length
  const rows = Array.from({ length: answers }, (_, index) => ({
    index,
    sample: createSampler(sampling, index),
    text: createAnswerText(tokenBytes, stop),
    token: 0,
  }))

  for (let tokens = 1; rows.length > 0 && !isStopped(); tokens++) {
    const deltas = rows.map((row, place): AnswerDelta => {
      // After the prompt all rows draw from the same logits.
      const start = tokens === 1 ? 0 : place * width
      row.token = row.sample(logits.subarray(start, start + width))
      const ended = eosTokens.has(row.token)
      const gained = ended ? { text: '', stopped: null } : row.text.push(row.token)
      const finish =
        ended || gained.stopped !== null ? 'stop' : tokens === maxTokens ? 'length' : null
      const rest = finish !== null && gained.stopped === null ? row.text.end() : ''
      return {
        index: row.index,
        text: gained.text + rest,
        tokens,
        finish,
        stopString: gained.stopped,
      }
    })
    yield deltas
    for (let place = rows.length - 1; place >= 0; place--) {
      if (deltas[place]?.finish === null) continue
      decoding.drop(place)
      const moved = rows.pop()
      if (moved !== undefined && place < rows.length) rows[place] = moved
    }
    if (rows.length > 0) {
      logits = await decoding.step(Int32Array.from(rows, ({ token }) => token))
    }
  }
}
