/** Instances of the Workflow, of which each works on one question. */
import { z } from 'zod'

export const InstanceParams = z.object({
  /** Of the job: another each time one is submitted, also under an id that was free again. */
  job: z.string(),
  tenant: z.string(),
  index: z.number().int(),
})
export type InstanceParams = z.infer<typeof InstanceParams>

interface NewInstance {
  id: string
  params: InstanceParams
  /** How long Cloudflare keeps what the instance did, once it has ended. */
  retention: { successRetention: string; errorRetention: string }
}

interface Instance {
  status: () => Promise<{ status: string }>
  terminate: () => Promise<void>
  sendEvent: (event: { type: string; payload: unknown }) => Promise<void>
}

/** The Worker's binding to them. */
export interface Instances {
  /** Those that exist already are left as they are. */
  createBatch: (instances: NewInstance[]) => Promise<unknown>
  /** Rejects where there is none. */
  get: (id: string) => Promise<Instance>
}

/** How many instances may be created at a time. */
const mostAtOnce = 100

/** The id of the instance that works on a question. */
export const instanceId = ({ job, index }: Pick<InstanceParams, 'job' | 'index'>): string =>
  `job-${job}-${index}`

// What counts is in the bucket by then; the shortest that every plan has.
const retention = { successRetention: '1 day', errorRetention: '3 days' }

/** Begins work on questions; on those that are under way, nothing happens. */
export async function createInstances(
  instances: Instances,
  questions: readonly InstanceParams[],
): Promise<void> {
  for (let at = 0; at < questions.length; at += mostAtOnce) {
    const some = questions.slice(at, at + mostAtOnce)
    await instances.createBatch(
      some.map((params) => ({ id: instanceId(params), params, retention })),
    )
  }
}

/** The instance's status in Cloudflare's words; `missing` where there is none. */
export async function statusOf(instances: Instances, id: string): Promise<string> {
  try {
    return (await (await instances.get(id)).status()).status
  } catch (error) {
    if (error instanceof Error && error.message.includes('not_found')) return 'missing'
    throw error
  }
}

/** Ends an instance that has not ended by itself. */
export async function terminateInstance(instances: Instances, id: string): Promise<void> {
  if (isOver(await statusOf(instances, id))) return
  await (await instances.get(id)).terminate()
}

/** Whether an instance does nothing any more. */
export const isOver = (status: string): boolean =>
  ['complete', 'errored', 'terminated', 'missing'].includes(status)

/**
 * Whoever runs the instance takes it up again if it does not run, such as wrangler on a machine
 * where it was killed. One that runs takes no notice.
 */
export async function wakeInstance(instances: Instances, id: string): Promise<void> {
  await (await instances.get(id)).sendEvent({ type: 'wake', payload: null })
}
