/** Our own reward service: `POST /v1/rewards` (shared/rewards.ts). */
import { Problem } from '../../../shared/problems.ts'
import { RewardsAnswer, type RewardsCall } from '../../../shared/rewards.ts'
import { RewardDetail } from '../../../shared/tpo.ts'
import type { RewardContract } from './contract.ts'
import { readInfo } from './tei.ts'

export const tpo: RewardContract = {
  speaker: 'a reward service',
  path: '/v1/rewards',
  detailed: true,
  toRequests: (request: RewardsCall) => [request],
  fromAnswer(body) {
    const parsed = RewardsAnswer.safeParse(body)
    if (!parsed.success) return undefined
    const { rewards } = parsed.data
    const ordered = rewards.every(({ index }, place) => index === place)
    return ordered
      ? rewards.map((detail) => ({ reward: detail.reward, detail: RewardDetail.parse(detail) }))
      : undefined
  },
  fromError: (body) => Problem.safeParse(body).data?.detail,
  health: '/readyz',
  about: { path: '/info', read: readInfo },
}
