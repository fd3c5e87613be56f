/**
 * A reward server of OpenRLHF: `POST /get_reward` with plain texts. Its model's chat template is
 * known to whoever trains with it and not here, so the server must take question and answer as
 * they are, a blank line between them.
 */
import { z } from 'zod'
import { bare, onlyQuestion, type RewardContract } from './contract.ts'

const Answer = z.object({ rewards: z.array(z.number()) })

const ErrorAnswer = z.object({ detail: z.string() })

const speaker = 'a reward server of OpenRLHF'

export const openrlhf: RewardContract = {
  speaker,
  path: '/get_reward',
  toRequests(request) {
    const question = onlyQuestion(request, speaker)
    const { candidates } = request
    return [
      {
        query: candidates.map((candidate) => `${question}\n\n${candidate}`),
        prompts: candidates.map(() => question),
        labels: candidates.map(() => ''),
      },
    ]
  },
  detailed: false,
  fromAnswer: (body) => bare(Answer.safeParse(body).data?.rewards),
  fromError: (body) => ErrorAnswer.safeParse(body).data?.detail,
}
