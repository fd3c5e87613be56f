import { createRoute, z } from '@hono/zod-openapi'
import { canonical } from '../../shared/canonical.ts'
import { Job, JobId, JobPage, JobQuery, JobRequest } from '../../shared/jobs.ts'
import { problem } from '../../shared/problems.ts'
import { digestOf } from '../digest.ts'
import type { App } from '../env.ts'
import type { JobEngine } from '../jobs/engine.ts'
import type { Policies } from '../policy/policies.ts'
import type { Reward } from '../reward/reward.ts'
import { jsonAnswer, jsonBody } from './answers.ts'

const submit = createRoute({
  method: 'post',
  path: '/v1/tpo/jobs',
  summary: 'Many questions, worked on by an engine that outlives processes',
  request: jsonBody(JobRequest),
  responses: jsonAnswer('The job; it goes on by itself', Job),
})

const params = z.object({ id: JobId })

const look = createRoute({
  method: 'get',
  path: '/v1/tpo/jobs/{id}',
  summary: 'How far a job is, and its results page by page',
  request: { params, query: JobQuery },
  responses: jsonAnswer('The job, and the results of the questions asked for', JobPage),
})

const cancel = createRoute({
  method: 'post',
  path: '/v1/tpo/jobs/{id}/cancel',
  summary: 'Ends a job; the results it has are kept',
  request: { params },
  responses: jsonAnswer('The job as it is now', Job),
})

interface JobDeps {
  /** Undefined where there are no jobs. */
  jobs?: JobEngine
  policies: Policies
  reward: Reward
  /** Milliseconds since the epoch. */
  clock: () => number
  newId: () => string
}

/** Bulk runs, where an engine for them is set up. */
export function jobs(app: App, { jobs, policies, reward, clock, newId }: JobDeps): void {
  const engine = (): JobEngine => {
    if (jobs !== undefined) return jobs
    throw problem(
      'jobs_unavailable',
      'This service has nowhere to keep jobs. On Node its operator sets TPO_QUEUE_URL and starts `npm run worker`; on Workers, deploys with our wrangler.toml. /v1/tpo/run works without.',
    )
  }

  app.openapi(submit, async (c) => {
    const { id = newId(), ...order } = c.req.valid('json')
    policies.expectAllowed(order.settings.policy.base_url, '$.settings.policy.base_url')
    reward.expectSettings(order.settings.reward)
    const tenant = c.get('tenant')
    const digest = await digestOf(canonical(order))
    const created_at = new Date(clock()).toISOString()
    const key = await jobKey(tenant, id)
    const accepted = await engine().submit({ key, id, tenant, digest, created_at, order })
    if (accepted.digest === digest) return c.json(accepted.standing, 200)
    throw problem(
      'job_id_reused',
      `$.id: your job ${id} has other questions or settings. Take another id for another job.`,
      { path: '$.id' },
    )
  })

  app.openapi(look, async (c) => {
    const { id } = c.req.valid('param')
    const { from, limit } = c.req.valid('query')
    const key = await jobKey(c.get('tenant'), id)
    const job = (await engine().find(key)) ?? missing(id)
    const to = Math.min(from + limit, job.questions.total)
    const results = from < to ? await engine().results(key, from, to) : []
    const next_from = from < to && to < job.questions.total ? to : null
    return c.json({ ...job, results, next_from }, 200)
  })

  app.openapi(cancel, async (c) => {
    const { id } = c.req.valid('param')
    const key = await jobKey(c.get('tenant'), id)
    return c.json((await engine().cancel(key)) ?? missing(id), 200)
  })
}

/** Readable for the operator, and another for each tenant. */
const jobKey = async (tenant: string, id: string) =>
  `${id.slice(0, 40)}-${(await digestOf(canonical([tenant, id]))).slice(0, 20)}`

const missing = (id: string): never => {
  throw problem(
    'job_not_found',
    `You have no job ${id}. It may be somebody else's, or so old that it was deleted (TPO_JOB_DAYS).`,
  )
}
