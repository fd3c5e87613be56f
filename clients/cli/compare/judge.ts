/** A second reward model that had no part in the runs: it says whether what rose is worth something. */
import { Problem } from '../../../shared/problems.ts'
import { RewardsAnswer, type RewardsCall } from '../../../shared/rewards.ts'
import type { Message } from '../../../shared/tpo.ts'
import { PlainError } from '../failure.ts'
import { startPrivateReward } from '../private-api.ts'

export interface Judge {
  /** The rewards of answers to a conversation, by their text, and the model that gave them. */
  rewards: (messages: readonly Message[], texts: readonly string[]) => Promise<Judged>
  close: () => Promise<void>
}

export interface Judged {
  readonly model: string
  readonly rewards: ReadonlyMap<string, number>
}

/** `where`: the address of a reward service, or a model to start one with. */
export async function openJudge(where: string, key: string | undefined): Promise<Judge> {
  const own = /^https?:/.test(where) ? null : await startPrivateReward(where)
  const url = new URL('/v1/rewards', own?.url ?? where)
  return {
    close: async () => own?.close(),
    async rewards(messages, texts) {
      // An empty answer cannot be scored: it has no reward here.
      const candidates = texts.filter((text) => text !== '')
      const call: RewardsCall = { messages: [...messages], candidates, truncate: true }
      const { model, rewards } = await asked(url, key, call)
      const byText = rewards.map(({ index, reward }) => [candidates[index] ?? '', reward] as const)
      return { model, rewards: new Map(byText) }
    },
  }
}

/** Throws a `PlainError` that says what the judge said. */
async function asked(url: URL, key: string | undefined, call: RewardsCall): Promise<RewardsAnswer> {
  const authorization = key === undefined ? undefined : { authorization: `Bearer ${key}` }
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...authorization },
    body: JSON.stringify(call),
  }).catch((error: unknown) => {
    throw new PlainError(`the judge at ${url.origin} does not answer: ${reason(error)}`)
  })
  const body: unknown = await response.json().catch(() => null)
  const answer = RewardsAnswer.safeParse(body)
  if (response.ok && answer.success) return answer.data
  const told = Problem.safeParse(body)
  const detail = told.success ? told.data.detail : 'this is no reward service (POST /v1/rewards)'
  throw new PlainError(`the judge at ${url.origin} answered ${response.status}: ${detail}`)
}

const reason = (error: unknown) =>
  error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
