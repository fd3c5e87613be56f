/** What a policy's settings are called by whoever set them: the operator, or a caller. */
import { policyKeyHeader } from '../../shared/policy-url.ts'

export interface PolicyNames {
  address: string
  key: string
  model: string
}

export const operatorsNames: PolicyNames = {
  address: 'TPO_POLICY_BASE_URL',
  key: 'TPO_POLICY_API_KEY',
  model: 'TPO_POLICY_MODEL',
}

export const callersNames: PolicyNames = {
  address: 'policy.base_url',
  key: policyKeyHeader,
  model: 'policy.model',
}
