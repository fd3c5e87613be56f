/** The reward model behind its server, whose contract is one of `contracts/`. */
import { ProblemError, problem } from '../../shared/problems.ts'
import type { Settings } from '../../shared/settings.ts'
import { tracedFetch } from '../../shared/telemetry/traced.ts'
import { affinityHeader, affinityOf } from '../affinity.ts'
import { nothingFound } from '../backends/probe.ts'
import { createLanes, type EnterLane } from '../lanes.ts'
import {
  type Attempt,
  passingStatus,
  pause,
  retryAfter,
  type RetryLimit,
  retrying,
  type RetryTools,
} from '../retry.ts'
import { observedScore } from '../telemetry/reward.ts'
import { serverAttributes } from '../telemetry/server.ts'
import { measuredScore } from '../telemetry/upstream-metrics.ts'
import { addressOf, type Limit, limited, quoted, type Upstream } from '../upstream.ts'
import type { RewardContract } from './contracts/contract.ts'
import { openrlhf } from './contracts/openrlhf.ts'
import { sglang } from './contracts/sglang.ts'
import { tei } from './contracts/tei.ts'
import { tpo } from './contracts/tpo.ts'
import { vllm } from './contracts/vllm.ts'
import type { Reward, Rewarded } from './reward.ts'

function contractOf({ api, chatTemplate }: RewardOptions): RewardContract {
  return api === 'sglang' ? sglang(chatTemplate) : { tpo, vllm, tei, openrlhf }[api]
}

export interface RewardOptions {
  /** Address of the server; a /v1 at its end is left out. */
  baseUrl: string
  api: Settings['reward_api']
  apiKey?: string
  /** The model's, as a template in Jinja; for servers that take rendered text. */
  chatTemplate?: string
  timeoutSeconds: number
  /** How many requests of one group may wait for the head of their answer at a time. */
  connections?: number
  /** Milliseconds since the epoch. */
  clock: () => number
  /** Waits before a retry; the runtime's timers if left out. */
  pause?: RetryTools['pause']
}

interface Answer {
  status: number
  headers: Headers
  body: string
}

/** Throws a `SettingsError` where the contract needs a chat template and has none. */
export function createReward(options: RewardOptions): Reward {
  const upstream = addressOf(options.baseUrl, options.apiKey)
  const { host, authorization } = upstream
  const base = upstream.url.replace(/(\/v1)?\/*$/, '')
  const contract = contractOf(options)
  const tools: RetryTools = { clock: options.clock, pause: options.pause ?? pause }

  const usual = {
    'content-type': 'application/json',
    ...(authorization !== undefined && { authorization }),
  }

  /** What one request is answered; no answer is a problem. */
  async function ask(
    path: string,
    { headers = usual, ...init }: RequestInit,
    { signal, timedOut }: Limit,
    enter: EnterLane = createLanes(),
  ): Promise<Answer> {
    const leave = await enter()
    try {
      const response = await tracedFetch(`${base}${path}`, {
        ...init,
        headers,
        signal,
        // Nobody but the operator says where keys and texts go.
        redirect: 'manual',
      })
      leave()
      return { status: response.status, headers: response.headers, body: await response.text() }
    } catch (cause) {
      if (timedOut()) {
        throw problem(
          'reward_timeout',
          `The reward model at ${host} did not answer within ${options.timeoutSeconds} s. Try again, or raise TPO_REWARD_TIMEOUT_SECONDS.`,
          { cause },
        )
      }
      signal.throwIfAborted()
      throw problem(
        'reward_unreachable',
        `No reward model answers at ${host}. Is ${contract.speaker} running there? TPO_REWARD_BASE_URL says where it is.`,
        { cause },
      )
    } finally {
      leave()
    }
  }

  /** Rewards of one request, which is sent again where its trouble may pass: scoring twice is harmless. */
  async function rewardsOf(
    body: string,
    affinity: string,
    limit: RetryLimit & Limit,
    enter: EnterLane,
  ) {
    const init = { method: 'POST', headers: { ...usual, [affinityHeader]: affinity }, body }
    const attempt = async (retried: number): Promise<Attempt<Answer>> => {
      const answer = await ask(contract.path, init, limit, enter).catch(unreachable)
      // A connection that was kept open may have been closed just now.
      if (answer instanceof ProblemError) {
        return { passing: answer, wait: retried === 0 ? 0 : undefined }
      }
      if (!passingStatus(answer.status)) return { value: answer }
      const wait = retryAfter(answer.headers, tools.clock())
      return { passing: refusal(answer, contract, upstream), wait }
    }
    const answer = await retrying(attempt, tools, limit)
    if (answer.status !== 200) throw refusal(answer, contract, upstream)
    const rewards = contract.fromAnswer(parseJson(answer.body))
    if (rewards !== undefined) return rewards
    throw foreign()
  }

  const foreign = () =>
    problem(
      'reward_error',
      `The server at ${host} does not answer as ${contract.speaker} does. Check TPO_REWARD_BASE_URL and TPO_REWARD_API.`,
    )

  const expectSettings: Reward['expectSettings'] = (settings) => {
    const name = (['explain', 'truncate'] as const).find((name) => settings[name] === true)
    if (name === undefined || contract.detailed) return
    throw problem(
      'invalid_request',
      `$.reward.${name}: rewards come from ${contract.speaker}, which does not know this. Leave it out, or use a reward service (TPO_REWARD_API=tpo).`,
      { path: `$.reward.${name}` },
    )
  }

  const score: Reward['score'] = async (request, signal) => {
    expectSettings(request)
    const bodies = contract.toRequests(request).map((body) => JSON.stringify(body))
    const affinity = affinityOf(request.messages)
    const enter = createLanes(options.connections)
    const until = tools.clock() + options.timeoutSeconds * 1000
    // One failure is that of the whole group: nobody waits for the others.
    const answers = await limited(signal, options.timeoutSeconds, (limit) =>
      Promise.all(bodies.map((body) => rewardsOf(body, affinity, { ...limit, until }, enter))),
    )
    return complete(answers.flat(), request.candidates.length, host)
  }

  return {
    expectSettings,
    score: observedScore(measuredScore(score), contract.path, serverAttributes(upstream.url)),
    backend: { role: 'reward', server: host, speaks: options.api },
    address: 'TPO_REWARD_BASE_URL',
    async probe(signal) {
      const { health, about } = contract
      const [door, state, told] = await limited(signal, options.timeoutSeconds, (limit) =>
        Promise.all([
          ask(contract.path, {}, limit),
          health === undefined ? undefined : ask(health, {}, limit),
          about === undefined ? undefined : ask(about.path, {}, limit),
        ]),
      )
      // A wrong method shows that the address is there and the key is good, and scores nothing.
      if ([401, 403, 404].includes(door.status) || door.status >= 500) {
        throw refusal(door, contract, upstream)
      }
      if (door.status < 300) throw foreign()
      if (door.status < 400) throw refusal(door, contract, upstream)
      if (state !== undefined && state.status !== 200) throw refusal(state, contract, upstream)
      const known = told?.status === 200 ? about?.read(parseJson(told.body)) : undefined
      return {
        ...nothingFound,
        ...known,
        authorised: true,
        model_present: known?.model === undefined ? null : true,
        models: known?.model ? [known.model] : [],
      }
    },
  }
}

function unreachable(error: unknown): ProblemError {
  if (error instanceof ProblemError && error.problem.code === 'reward_unreachable') return error
  throw error
}

function complete(rewards: Rewarded[], count: number, host: string): Rewarded[] {
  if (rewards.length === count) return rewards
  throw problem(
    'reward_error',
    `The reward model at ${host} answered ${rewards.length} rewards for ${count} candidates.`,
  )
}

function refusal(
  answer: { status: number; body: string },
  contract: RewardContract,
  upstream: Upstream,
): ProblemError {
  const { status, body } = answer
  const words = quoted(contract.fromError(parseJson(body)) ?? body, upstream)
  const extras = { upstream_status: status }
  const { host } = upstream
  if (status === 401 || status === 403) {
    return problem(
      'reward_refused',
      `The reward model at ${host} refused the API key (HTTP ${status}). Check TPO_REWARD_API_KEY.`,
      extras,
    )
  }
  if (status >= 300 && status < 400) {
    return problem(
      'reward_refused',
      `The reward model at ${host} sends elsewhere (HTTP ${status}), where neither key nor text is sent. Set TPO_REWARD_BASE_URL to where it is now.`,
      extras,
    )
  }
  if (status === 404) {
    return problem(
      'reward_refused',
      `The server at ${host} has no such model or address (HTTP 404)${words} Check TPO_REWARD_BASE_URL and TPO_REWARD_API.`,
      extras,
    )
  }
  if (passingStatus(status) || status >= 500) {
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
