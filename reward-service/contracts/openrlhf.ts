/** The reward server of OpenRLHF (`openrlhf.cli.serve_rm`): `/get_reward`. */
import { z } from 'zod'
import { problemCodes } from '../../shared/problems.ts'
import type { Contract } from './contract.ts'

/** The client sends prompts and labels along, for rewards by rule; a reward model needs neither. */
const Request = z.object({ query: z.array(z.string()).max(4096) })

export const getReward: Contract<z.infer<typeof Request>> = {
  request: Request,
  // The texts were decoded with their special tokens, so none is added.
  toSequences: ({ query }) =>
    query.map((text, index) => ({ path: `$.query[${index}]`, text, addSpecialTokens: false })),
  toAnswer(_, scored) {
    const rewards = scored.map(({ reward }) => reward)
    return { rewards, scores: rewards, extra_logs: {} }
  },
  toError: ({ code, detail }) => ({ status: problemCodes[code].status, body: { detail } }),
}
