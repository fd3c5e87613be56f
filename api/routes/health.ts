import { createRoute, z } from '@hono/zod-openapi'
import { BackendsAnswer, BackendsQuery, type BackendStatus } from '../../shared/backends.ts'
import { type BackendState, Readiness } from '../../shared/tpo.ts'
import { checkBackend } from '../backends/check.ts'
import type { App } from '../env.ts'
import type { Policies, PolicyKey } from '../policy/policies.ts'
import type { Reward } from '../reward/reward.ts'
import { jsonAnswer } from './answers.ts'
import { policyKeyOf, PolicyKeyHeaders } from './policy-key.ts'

const healthz = createRoute({
  method: 'get',
  path: '/healthz',
  summary: 'Whether the process is alive',
  responses: jsonAnswer('It is', z.object({ status: z.literal('ok') })),
})

const readyz = createRoute({
  method: 'get',
  path: '/readyz',
  summary: 'Whether the API can serve, and how its backends are',
  responses: jsonAnswer('It serves; `degraded` while a backend does not', Readiness),
})

const backends = createRoute({
  method: 'get',
  path: '/v1/backends',
  summary: 'The policy and the reward model: whether they can be used now, and what to do if not',
  request: { query: BackendsQuery, headers: PolicyKeyHeaders },
  responses: jsonAnswer('How they are', BackendsAnswer),
})

interface HealthDeps {
  policies: Policies
  reward: Reward
  /** Milliseconds since the epoch. */
  clock: () => number
}

export function health(app: App, { policies, reward, clock }: HealthDeps): void {
  const check = async (signal: AbortSignal, url?: string, key?: PolicyKey) => {
    const policy = await policies.of(url, key)
    return Promise.all([checkBackend(policy, clock, signal), checkBackend(reward, clock, signal)])
  }
  app.openapi(healthz, (c) => c.json({ status: 'ok' as const }, 200))
  app.openapi(readyz, async (c) => {
    const [policy, reward] = await check(c.req.raw.signal)
    const status = policy.ok && reward.ok ? ('ready' as const) : ('degraded' as const)
    return c.json({ status, policy: stateOf(policy), reward: stateOf(reward) }, 200)
  })
  app.openapi(backends, async (c) => {
    const url = c.req.valid('query').policy_base_url
    policies.expectAllowed(url, '$.policy_base_url')
    const all = await check(c.req.raw.signal, url, policyKeyOf(c.req.valid('header')))
    const policy_urls_allowed = policies.urlsAllowed
    return c.json({ ok: all.every(({ ok }) => ok), backends: all, policy_urls_allowed }, 200)
  })
}

const stateOf = ({ ok, detail }: BackendStatus): BackendState => ({ ok, detail })
