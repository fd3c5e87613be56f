/** The reward model behind `POST /v1/rewards` (shared/rewards.ts). */
import { Problem, ProblemError, problem } from '../../shared/problems.ts'
import { RewardsAnswer, type RewardsRequest } from '../../shared/rewards.ts'
import { hostOf, limited, quoted, type Upstream } from '../upstream.ts'
import type { Reward } from './reward.ts'

export interface RewardOptions {
  /** Address of the reward service, without /v1. */
  baseUrl: string
  apiKey?: string
  timeoutSeconds: number
}

export function createReward(options: RewardOptions): Reward {
  const upstream: Upstream = { host: hostOf(options.baseUrl), apiKey: options.apiKey }
  const { host } = upstream
  const base = options.baseUrl.replace(/\/+$/, '')

  /** Status and body of one call within the time limit; failures become problems. */
  async function call(path: string, init: RequestInit, signal: AbortSignal) {
    const limit = limited(signal, options.timeoutSeconds)
    const headers = new Headers({ 'content-type': 'application/json' })
    if (options.apiKey !== undefined) headers.set('authorization', `Bearer ${options.apiKey}`)
    try {
      const response = await fetch(`${base}${path}`, { ...init, headers, signal: limit.signal })
      return { status: response.status, body: await response.text() }
    } catch (cause) {
      signal.throwIfAborted()
      if (limit.timeout.aborted) {
        throw problem(
          'reward_timeout',
          `The reward model at ${host} did not answer within ${options.timeoutSeconds} s. Try again, or raise TPO_REWARD_TIMEOUT_SECONDS.`,
          { cause },
        )
      }
      throw problem(
        'reward_unreachable',
        `No reward model answers at ${host}. Is the reward service running there? TPO_REWARD_BASE_URL says where it is.`,
        { cause },
      )
    }
  }

  return {
    async score(request, signal) {
      const body: RewardsRequest = request
      const answer = await call(
        '/v1/rewards',
        { method: 'POST', body: JSON.stringify(body) },
        signal,
      )
      if (answer.status !== 200) throw refusal(answer, upstream)
      return rewardsOf(answer.body, request.candidates.length, host)
    },
    async check(signal) {
      try {
        const answer = await call('/readyz', {}, signal)
        if (answer.status === 200) return { ok: true, detail: `reward service at ${host}` }
        return { ok: false, detail: refusal(answer, upstream).message }
      } catch (error) {
        if (error instanceof ProblemError) return { ok: false, detail: error.message }
        throw error
      }
    },
  }
}

function rewardsOf(body: string, count: number, host: string): number[] {
  const parsed = RewardsAnswer.safeParse(parseJson(body))
  if (!parsed.success) {
    throw problem(
      'reward_error',
      `The server at ${host} does not answer as a reward service does. Check TPO_REWARD_BASE_URL.`,
    )
  }
  const { rewards } = parsed.data
  if (rewards.length !== count || rewards.some(({ index }, place) => index !== place)) {
    throw problem(
      'reward_error',
      `The reward model at ${host} answered ${rewards.length} rewards, out of order or number, for ${count} candidates.`,
    )
  }
  return rewards.map(({ reward }) => reward)
}

function refusal(answer: { status: number; body: string }, upstream: Upstream): ProblemError {
  const { status, body } = answer
  const said = Problem.safeParse(parseJson(body))
  const words = quoted(said.success ? said.data.detail : body, upstream)
  const extras = { upstream_status: status }
  const { host } = upstream
  if (status === 401 || status === 403) {
    return problem(
      'reward_refused',
      `The reward model at ${host} refused the API key (HTTP ${status}). Check TPO_REWARD_API_KEY.`,
      extras,
    )
  }
  if (status === 404) {
    return problem(
      'reward_refused',
      `The server at ${host} has no such model or address (HTTP 404)${words} Check TPO_REWARD_BASE_URL.`,
      extras,
    )
  }
  if (status === 429 || status >= 500) {
    return problem(
      'reward_error',
      `The reward model at ${host} failed (HTTP ${status})${words}`,
      extras,
    )
  }
  return problem(
    'reward_refused',
    `The reward model at ${host} refused the request (HTTP ${status})${words}`,
    extras,
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
