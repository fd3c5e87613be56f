/** How the servers behind the API are, as far as this page knows. */
import { computed, effect, type ReadonlySignal, signal, untracked } from '@preact/signals'
import type { BackendsAnswer, BackendStatus } from '../../../shared/client.ts'
import { apiKey } from './api-key.ts'
import { clientFor } from './connection.ts'
import { chosenUrl, endpoints } from './endpoints.ts'
import { type Failure, failureOf } from './failure.ts'

/** The last check of a policy and of the reward model. */
export interface Checked {
  /** Whether one is under way that a person waits for. */
  readonly checking: boolean
  /** The last one that came. */
  readonly answer: BackendsAnswer | null
  /** Why no newer one came. */
  readonly failure: Failure | null
  /** When the last one ended, in milliseconds since the epoch. */
  readonly at: number | null
}

/** Longer than the API itself waits for its servers. */
const patienceMs = 10_000
const betweenMs = 30_000

const unchecked: Checked = { checking: false, answer: null, failure: null, at: null }
const checks = signal<ReadonlyMap<string | null, Checked>>(new Map())
const underWay = new Map<string | null, AbortController>()

/** Of the policy at an address; null is the configured one. */
export const checkedAt = (url: string | null): Checked => checks.value.get(url) ?? unchecked

const note = (url: string | null, news: Partial<Checked>) => {
  checks.value = new Map(checks.value).set(url, { ...checkedAt(url), ...news })
}

const end = (url: string | null, news: Pick<Partial<Checked>, 'answer' | 'failure'>) => {
  underWay.delete(url)
  note(url, { ...news, checking: false, at: Date.now() })
}

interface CheckOptions {
  /** Nobody asked for it, so nobody is asked for a key. */
  quiet?: boolean
}

/** Looks again; an earlier look at the same policy that is still under way is of no more use. */
export async function check(url: string | null, { quiet = false }: CheckOptions = {}) {
  const newer = new AbortController()
  underWay.get(url)?.abort()
  underWay.set(url, newer)
  note(url, { checking: !quiet || checkedAt(url).at === null })
  // A person who is asked for a key may take their time.
  const tooLong = quiet ? AbortSignal.timeout(patienceMs) : undefined
  const signal = AbortSignal.any([newer.signal, ...(tooLong === undefined ? [] : [tooLong])])
  try {
    const policy = url === null ? {} : { policyBaseUrl: url }
    const answer = await clientFor(url, quiet).backends({ ...policy, signal })
    if (!newer.signal.aborted) end(url, { answer, failure: null })
  } catch (error) {
    if (newer.signal.aborted) return
    const failure: Failure = tooLong?.aborted ? { kind: 'connection' } : failureOf(error)
    end(url, { failure })
  }
}

export const checkAll = (options?: CheckOptions) => {
  for (const url of [null, ...endpoints.value.map((endpoint) => endpoint.url)]) {
    void check(url, options)
  }
}

/** `login`: the API wants a key before it tells. */
export type State = 'unknown' | 'checking' | 'well' | 'trouble' | 'login'

/** How what was checked is; `found` is the part of the answer that is asked about. */
export function stateOf(
  { checking, failure }: Checked,
  found: Pick<BackendStatus, 'ok'> | null | undefined,
): State {
  if (checking) return 'checking'
  if (failure !== null) {
    return failure.kind === 'problem' && failure.code === 'unauthorized' ? 'login' : 'trouble'
  }
  return !found ? 'unknown' : found.ok ? 'well' : 'trouble'
}

/** How it is for the next run. */
export const health = computed(() => {
  const checked = checkedAt(chosenUrl.value)
  return stateOf(checked, checked.answer)
})

/** What scores the next run; null until the API has said it. */
export const rewardModel = computed(
  () => checkedAt(chosenUrl.value).answer?.backends.find(({ role }) => role === 'reward') ?? null,
)

/** Whether the operator allows policies by address; null while that is unknown. */
export const urlsAllowed = computed(
  () =>
    [...checks.value.values()].find(({ answer }) => answer !== null)?.answer?.policy_urls_allowed ??
    null,
)

const look = () => void check(chosenUrl.peek(), { quiet: true })

const lookAgain = () => {
  if (document.visibilityState === 'visible' && !underWay.has(chosenUrl.peek())) look()
}

/**
 * Looks by itself at what the next run would use: now, when that or the key changes, after a run's
 * failure, and now and then.
 */
export function watchBackends(failure: ReadonlySignal<Failure | null>): void {
  effect(() => {
    if (failure.value !== null) untracked(look)
  })
  effect(() => {
    void chosenUrl.value
    void apiKey.value
    untracked(look)
  })
  setInterval(lookAgain, betweenMs)
  document.addEventListener('visibilitychange', lookAgain)
}
