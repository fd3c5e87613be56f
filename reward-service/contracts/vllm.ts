/** What vLLM's pooling addresses have in common: fields, errors and the frame of an answer. */
import { z } from 'zod'
import { type Problem, problem, problemCodes, short } from '../../shared/problems.ts'
import type { Scored } from '../score.ts'
import { type Served, sigmoid, type ToError } from './contract.ts'

/** Most inputs of one request, as of `/v1/rewards`. */
export const maxInputs = 1024

/** vLLM ignores fields that it does not know, and so does this; these would change a score. */
export const commonFields = {
  model: z.string().nullish(),
  use_activation: z.boolean().nullish(),
  /** The name of `use_activation` in older versions. */
  activation: z.boolean().nullish(),
  truncate_prompt_tokens: z
    .literal(-1, 'nothing is cut off here; leave it out and send shorter texts')
    .nullish(),
}

interface Common {
  use_activation?: boolean | null
  activation?: boolean | null
}

/** The value of an answer: after a sigmoid by default, as vLLM does for one label. */
export const activated = ({ use_activation, activation }: Common, reward: number): number =>
  (use_activation ?? activation ?? true) ? sigmoid(reward) : reward

const lastPart = (name: string) =>
  name
    .replace(/[/\\]+$/, '')
    .split(/[/\\]/)
    .at(-1)

/** Paths and hub ids name the same model: their last parts must agree. */
export function expectModel(asked: string | null | undefined, served: string): void {
  if (asked === undefined || asked === null || lastPart(asked) === lastPart(served)) return
  throw problem('model_not_found', `The model ${short(asked)} is not served here; ${served} is.`, {
    path: '$.model',
  })
}

export function usage(scored: readonly Scored[]) {
  const tokens = scored.reduce((sum, { tokens }) => sum + tokens, 0)
  return {
    prompt_tokens: tokens,
    total_tokens: tokens,
    completion_tokens: 0,
    prompt_tokens_details: null,
  }
}

/** The frame of every answer that is a list. */
export const listOf = (
  kind: string,
  data: unknown[],
  scored: readonly Scored[],
  served: Served,
) => ({
  id: `${kind}-${served.id}`,
  object: 'list',
  created: served.created,
  model: served.model,
  data,
  usage: usage(scored),
})

const statusOf = ({ code }: Problem) =>
  code === 'invalid_request' || code === 'too_many_tokens' ? 400 : problemCodes[code].status

const typeOf = (status: number) => {
  if (status === 404) return 'NotFoundError'
  if (status === 503) return 'ServiceUnavailableError'
  return status >= 500 ? 'InternalServerError' : 'BadRequestError'
}

/** vLLM says 400 where we say 422, and names the field without `$.`. */
export const toVllmError: ToError = (problem) => {
  const status = statusOf(problem)
  const param = problem.path?.replace(/^\$\.?/, '') ?? null
  const error = { message: problem.detail, type: typeOf(status), param, code: status }
  return { status, body: { error } }
}
