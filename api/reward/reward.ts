/** What the steps need of a reward model. */
import type { Message, RewardDetail, StartSettings } from '../../shared/tpo.ts'
import type { Probed } from '../backends/probe.ts'

export interface Reward extends Probed {
  /** Throws an `invalid_request` problem when the server's contract cannot do what is asked. */
  expectSettings: (settings: StartSettings['reward']) => void
  /** Rewards in the order of the candidates. Throws a `reward_…` problem, or the signal's reason. */
  score: (request: ScoreRequest, signal: AbortSignal) => Promise<Rewarded[]>
}

export type ScoreRequest = StartSettings['reward'] & {
  messages: Message[]
  /** Non-empty texts. */
  candidates: string[]
}

export interface Rewarded {
  reward: number
  /** How it came about, where the server tells. */
  detail?: RewardDetail
}
