/** A wire contract of reward servers: pure functions to their requests and from their answers. */
import { problem } from '../../../shared/problems.ts'
import type { Finding } from '../../backends/probe.ts'
import type { Rewarded, ScoreRequest } from '../reward.ts'

export type About = Partial<Pick<Finding, 'model' | 'context_length' | 'dtype' | 'provider'>>

export interface RewardContract {
  /** Who speaks it, as in "the server does not answer as … does". */
  speaker: string
  /** Where requests are posted. */
  path: string
  /**
   * Bodies whose answers, one after the other, hold the rewards of the candidates in order. Throws
   * a `reward_refused` problem where the contract cannot tell what is asked.
   */
  toRequests: (request: ScoreRequest) => object[]
  /** Rewards of one answer in the order of its body; undefined when it is not of this contract. */
  fromAnswer: (body: unknown) => Rewarded[] | undefined
  /** Whether it can explain and truncate. */
  detailed: boolean
  /** What the body of an error says; undefined when it is not of this contract. */
  fromError: (body: unknown) => string | undefined
  /** A GET that is answered with 200 while the server can score. */
  health?: string
  /** A GET that tells of the model; undefined where the answer is not of this contract. */
  about?: { path: string; read: (body: unknown) => About | undefined }
}

/** The answer of contracts that tell numbers and nothing else. */
export const bare = (rewards: number[] | undefined): Rewarded[] | undefined =>
  rewards?.map((reward) => ({ reward }))

/** Throws a `reward_refused` problem where one of several models is asked for. */
export function servesOneModel(model: string | undefined, speaker: string): void {
  if (model === undefined) return
  throw problem(
    'reward_refused',
    `The reward model ${model} cannot be asked of ${speaker}: it serves one model. Leave reward.model out.`,
  )
}

/**
 * The question, for contracts that know one question, one answer and one model, and no roles.
 * Throws a `reward_refused` problem for anything more.
 */
export function onlyQuestion({ model, messages }: ScoreRequest, speaker: string): string {
  servesOneModel(model, speaker)
  const [first, ...rest] = messages
  if (first?.role !== 'user' || rest.length > 0) {
    throw problem(
      'reward_refused',
      `A conversation of ${messages.length} messages cannot be told to ${speaker}: its contract takes one question of a user. Use a reward service, vLLM or SGLang for conversations.`,
    )
  }
  return first.content
}
