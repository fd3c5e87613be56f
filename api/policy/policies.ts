/** The policy of a run: the configured one, or one that its caller names by address. */
import { isAllowedPolicyUrl, policyUrlHeader } from '../../shared/policy-url.ts'
import { problem } from '../../shared/problems.ts'
import { digestOf } from '../digest.ts'
import { createPolicy, type PolicyOptions } from './client.ts'
import type { ListingMemory } from './models.ts'
import { callersNames } from './names.ts'
import type { Policy } from './policy.ts'

/** What a caller sends for the policy that the run names. */
export interface PolicyKey {
  key: string | undefined
  /** The only address that it may go to, if given. */
  onlyFor: string | undefined
}

export interface Policies {
  /** Whether callers may name any. */
  urlsAllowed: boolean
  /**
   * Throws a `url_not_allowed` problem, which names `path`, for an address that the operator does
   * not allow. The list may have changed since the run began.
   */
  expectAllowed: (baseUrl: string | undefined, path?: string) => void
  /**
   * The policy at `baseUrl`, with its caller's key and never another; the configured one without.
   * Throws an `invalid_request` problem for a key that is for another.
   */
  of: (baseUrl: string | undefined, key?: PolicyKey) => Promise<Policy>
}

export interface PoliciesOptions extends PolicyOptions {
  allowedUrls: readonly string[]
}

export function createPolicies({ allowedUrls, ...configured }: PoliciesOptions): Policies {
  const own = createPolicy(configured)
  const { apiKey: _ownKey, model: _ownModel, ...limits } = configured
  const memoryOf = createMemories()

  const expectAllowed: Policies['expectAllowed'] = (baseUrl, path = '$.policy.base_url') => {
    if (baseUrl === undefined || isAllowedPolicyUrl(allowedUrls, baseUrl)) return
    const remedy =
      allowedUrls.length === 0 ? 'Leave it out to use the configured policy, or' : 'Use another, or'
    throw problem(
      'url_not_allowed',
      `${path}: the operator of this service does not allow policies at this address. ${remedy} ask for it in TPO_ALLOWED_POLICY_URLS.`,
      { path },
    )
  }

  return {
    urlsAllowed: allowedUrls.length > 0,
    expectAllowed,
    async of(baseUrl, { key: apiKey, onlyFor } = noKey) {
      if (onlyFor !== undefined && onlyFor !== baseUrl) throw keyForAnother
      if (baseUrl === undefined) return own
      expectAllowed(baseUrl)
      const memory = memoryOf(await digestOf(JSON.stringify([baseUrl, apiKey])))
      return createPolicy({ ...limits, baseUrl, apiKey, names: callersNames, memory })
    },
  }
}

const noKey: PolicyKey = { key: undefined, onlyFor: undefined }

const keyForAnother = problem(
  'invalid_request',
  `$.${policyUrlHeader.toLowerCase()}: this run asks another policy than the one that the key is for, so the key was not sent. POST /v1/tpo/inspect says which.`,
  { path: `$.${policyUrlHeader.toLowerCase()}` },
)

const mostMemories = 100

/** What the servers that were asked last serve, by whatever tells them and their keys apart. */
function createMemories() {
  const memories = new Map<string, ListingMemory>()
  return (id: string): ListingMemory => {
    const memory = memories.get(id) ?? {}
    memories.delete(id)
    memories.set(id, memory)
    const [oldest] = memories.keys()
    if (memories.size > mostMemories && oldest !== undefined) memories.delete(oldest)
    return memory
  }
}
