import { z } from '@hono/zod-openapi'
import type { PolicyKey } from '../policy/policies.ts'
import { PolicyUrl } from '../../shared/policy-url.ts'

/** The headers of `shared/policy-url.ts`. */
export const PolicyKeyHeaders = z.object({
  'x-tpo-policy-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,4096}$/, 'must be one word of ASCII characters')
    .optional()
    .describe('Key of the policy at policy.base_url, where the run names one; never kept'),
  'x-tpo-policy-url': PolicyUrl.optional().describe(
    'Where that key may go: a run that asks another policy is refused',
  ),
})

export const policyKeyOf = (headers: z.output<typeof PolicyKeyHeaders>): PolicyKey => ({
  key: headers['x-tpo-policy-key'],
  onlyFor: headers['x-tpo-policy-url'],
})
