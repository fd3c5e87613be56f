import { createRoute, z } from '@hono/zod-openapi'
import { type BackendState, Readiness } from '../../shared/tpo.ts'
import type { App } from '../env.ts'
import type { StepDeps } from '../steps/deps.ts'
import { jsonAnswer } from './answers.ts'

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

const patienceMs = 3000

export function health(app: App, deps: StepDeps): void {
  app.openapi(healthz, (c) => c.json({ status: 'ok' as const }, 200))
  app.openapi(readyz, async (c) => {
    const [policy, reward] = await Promise.all([state(deps.policy), state(deps.reward)])
    const status = policy.ok && reward.ok ? ('ready' as const) : ('degraded' as const)
    return c.json({ status, policy, reward }, 200)
  })
}

async function state(backend: {
  check: (signal: AbortSignal) => Promise<BackendState>
}): Promise<BackendState> {
  const signal = AbortSignal.timeout(patienceMs)
  try {
    return await backend.check(signal)
  } catch (error) {
    if (!signal.aborted) throw error
    return { ok: false, detail: `It has not answered within ${patienceMs / 1000} s.` }
  }
}
