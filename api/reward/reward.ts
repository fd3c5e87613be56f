/** What the steps need of a reward model. */
import type { BackendState, Message } from '../../shared/tpo.ts'

export interface Reward {
  /** Rewards in the order of the candidates. Throws a `reward_…` problem, or the signal's reason. */
  score: (request: ScoreRequest, signal: AbortSignal) => Promise<number[]>
  /** Whether it can be used now, in words. */
  check: (signal: AbortSignal) => Promise<BackendState>
}

export interface ScoreRequest {
  model?: string
  messages: Message[]
  /** Non-empty texts. */
  candidates: string[]
}
