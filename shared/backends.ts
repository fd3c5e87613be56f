/** What the API says of the servers behind it. */
import { z } from 'zod'
import { PolicyUrl } from './policy-url.ts'
import { problemCodeNames } from './problems.ts'

export const BackendStatus = z
  .object({
    role: z.enum(['policy', 'reward']),
    server: z.string().describe('Host and port'),
    speaks: z.string().describe('Its contract: openai, or the value of TPO_REWARD_API'),
    ok: z.boolean().describe('Whether a run can use it now'),
    reachable: z.boolean(),
    authorised: z
      .boolean()
      .nullable()
      .describe('Whether it takes the key that is set, or needs none; null while that is unknown'),
    model: z.string().nullable().describe('The model that answers where a run names none'),
    model_present: z
      .boolean()
      .nullable()
      .describe('Whether the server serves it; null where the server does not tell'),
    models: z.array(z.string()).describe('All models that it lists'),
    context_length: z.number().int().nullable().describe('Tokens that the model takes'),
    dtype: z.string().nullable().describe('The type it computes in, where the server tells'),
    provider: z.string().nullable().describe('What it runs on, where the server tells'),
    latency_ms: z.number().nullable().describe('Of this check; null where nothing answered'),
    trouble: z.enum(problemCodeNames).nullable().describe('The code of what is wrong'),
    detail: z
      .string()
      .describe('One line: what answers there, or what is wrong and what to do about it'),
  })
  .meta({ id: 'BackendStatus' })
export type BackendStatus = z.infer<typeof BackendStatus>

export const BackendsQuery = z.object({
  policy_base_url: PolicyUrl.optional().describe(
    'Look at this policy in the place of the configured one, as a run that names it would',
  ),
})

export const BackendsAnswer = z
  .object({
    ok: z.boolean(),
    backends: z.array(BackendStatus),
    policy_urls_allowed: z
      .boolean()
      .describe('Whether a run may name a policy by address: policy.base_url'),
  })
  .meta({ id: 'BackendsAnswer' })
export type BackendsAnswer = z.infer<typeof BackendsAnswer>
