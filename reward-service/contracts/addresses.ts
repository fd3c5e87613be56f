/** Which foreign contract is spoken where. */
import { invalidRequest } from '../../shared/problems.ts'
import type { Score } from '../score.ts'
import type { Contract, Served, ToError } from './contract.ts'
import { getReward } from './openrlhf.ts'
import { isTeiRerank, predict, rerank as teiRerank } from './tei.ts'
import { classify, pooling } from './vllm-inputs.ts'
import { rerank as vllmRerank, score as vllmScore } from './vllm-pairs.ts'

export interface Spoken {
  /** The answer to a body. Throws a problem when there is none. */
  answer: (body: unknown, score: Score, served: Served, signal: AbortSignal) => Promise<unknown>
  toError: ToError
}

function spoken<Request>(contract: Contract<Request>): Spoken {
  return {
    toError: contract.toError,
    async answer(body, score, served, signal) {
      const request = contract.request.safeParse(body)
      if (!request.success) throw invalidRequest(request.error)
      const sequences = contract.toSequences(request.data, served.model)
      const { scored } = await score(sequences, signal)
      return contract.toAnswer(request.data, scored, served)
    },
  }
}

export interface Address {
  path: string
  /** The contract of a body; of none yet, that of the errors. */
  contractOf: (body: unknown) => Spoken
}

const address = <Request>(path: string, contract: Contract<Request>): Address => {
  const only = spoken(contract)
  return { path, contractOf: () => only }
}

const [rerankOfTei, rerankOfVllm] = [spoken(teiRerank), spoken(vllmRerank)]

export const addresses: readonly Address[] = [
  address('/classify', classify),
  address('/pooling', pooling),
  address('/score', vllmScore),
  address('/v1/score', vllmScore),
  { path: '/rerank', contractOf: (body) => (isTeiRerank(body) ? rerankOfTei : rerankOfVllm) },
  address('/v1/rerank', vllmRerank),
  address('/v2/rerank', vllmRerank),
  address('/predict', predict),
  address('/get_reward', getReward),
]

/** How errors are told at an address, before there is a body; undefined where it is our own. */
export const errorsAt = (path: string): ToError | undefined =>
  addresses.find((address) => address.path === path)?.contractOf(undefined).toError
