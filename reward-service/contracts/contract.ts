/** What a foreign wire contract is: pure functions to our sequences and from their rewards. */
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { z } from 'zod'
import type { Problem } from '../../shared/problems.ts'
import type { Scored, Sequence } from '../score.ts'

/** What an answer may tell of this service. */
export interface Served {
  /** The model's name here. */
  model: string
  /** The name of its one label. */
  label: string
  /** Id of the request. */
  id: string
  /** When it was answered, in seconds since 1970. */
  created: number
}

/** A problem in the contract's own words. */
export type ToError = (problem: Problem) => { status: ContentfulStatusCode; body: object }

export interface Contract<Request> {
  request: z.ZodType<Request>
  /** What to score. Throws a problem where the contract asks for what is not done here. */
  toSequences: (request: Request, model: string) => Sequence[]
  /** The body of the answer; `scored` is in the order of the sequences. */
  toAnswer: (request: Request, scored: readonly Scored[], served: Served) => unknown
  toError: ToError
}

/** The sequence of a question and its answer, told through the model's chat template. */
export const pair = (path: string, question: string, answer: string): Sequence => ({
  path,
  messages: [
    { role: 'user', content: question },
    { role: 'assistant', content: answer },
  ],
})

/** What vLLM and TEI apply to the logit of a single label unless told not to. */
export const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit))

/** Places from the highest reward to the lowest. Ranks by logit: a sigmoid rounds far ones to 1. */
export const ranked = (scored: readonly Scored[]): { index: number; reward: number }[] =>
  scored.map(({ reward }, index) => ({ index, reward })).sort((a, b) => b.reward - a.reward)
