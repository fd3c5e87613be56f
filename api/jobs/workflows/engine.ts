/** Jobs on Cloudflare: a Workflow for each question, one Durable Object for all, results in R2. */
import type { Log } from '../../../shared/telemetry/log.ts'
import { connections, type EdgeEnvironment } from '../../edge-environment.ts'
import type { JobEngine } from '../engine.ts'
import { jobBindings } from './bindings.ts'
import { queueOf } from './queue.ts'
import { reachingJobs } from '../reach.ts'
import { readResults } from './results.ts'

/** Undefined where the Worker was deployed without what jobs need. */
export function createWorkflowJobs(environment: EdgeEnvironment, log: Log): JobEngine | undefined {
  const bindings = jobBindings(environment)
  if (bindings === undefined) return undefined
  const { bucket } = bindings
  const reach = reachingJobs(log)
  const queue = () => queueOf(bindings.queue)
  return {
    submit: ({ order: { questions, settings }, ...job }) =>
      reach(
        queue().submit({
          ...job,
          settings: JSON.stringify(settings),
          questions: questions.map((question) => JSON.stringify(question)),
        }),
      ),
    find: (key) => reach(queue().find(key)),
    cancel: (key) => reach(queue().cancel(key)),
    async results(key, from, to) {
      const job = await reach(queue().nameOf(key))
      return job === undefined ? [] : reach(readResults(bucket, job, { from, to, connections }))
    },
  }
}
