/** Settings of the Worker whose jobs the tests in workerd look at. */
import type { ProvidedContext } from 'vitest'
import './upstream.ts'

export const jobSettings = (
  inject: <Name extends keyof ProvidedContext>(name: Name) => ProvidedContext[Name],
) => ({
  TPO_CURSOR_KEYS: Buffer.alloc(32, 'k').toString('base64'),
  TPO_POLICY_BASE_URL: inject('policyUrl'),
  TPO_REWARD_BASE_URL: inject('rewardUrl'),
  TPO_JOB_CONCURRENCY: '2',
  TPO_ALLOWED_POLICY_URLS: [
    inject('pairedPolicyUrl'),
    inject('refusingPolicyUrl'),
    inject('recoveringPolicyUrl'),
    inject('brokenDownPolicyUrl'),
    inject('endlessJobPolicyUrl'),
  ].join(),
})
