import { z } from '@hono/zod-openapi'

/** What carries `policyKeyHeader`. */
export const PolicyKeyHeader = z.object({
  'x-tpo-policy-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,4096}$/, 'must be one word of ASCII characters')
    .optional()
    .describe('Key of the policy at policy.base_url, where the run names one; never kept'),
})
