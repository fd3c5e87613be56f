/** What a Worker needs for jobs: bindings that our wrangler.toml makes. Of each, what we use. */
import type { EdgeEnvironment } from '../../edge-environment.ts'
import type { Instances } from './instances.ts'
import type { QueueNamespace } from './queue.ts'
import type { Bucket } from './results.ts'

export interface JobBindings {
  /** Which questions are waiting and under way: a Durable Object. */
  queue: QueueNamespace
  /** What works on them: a Workflow. */
  instances: Instances
  /** Where results are kept: a bucket of R2. */
  bucket: Bucket
}

/** Undefined where one of them is missing: there are no jobs then. */
export function jobBindings(environment: EdgeEnvironment): JobBindings | undefined {
  const { JOB_QUEUE: queue, JOB_QUESTIONS: instances, JOB_RESULTS: bucket } = environment
  return isQueue(queue) && isWorkflow(instances) && isBucket(bucket)
    ? { queue, instances, bucket }
    : undefined
}

const has = (binding: unknown, ...methods: string[]): boolean =>
  binding instanceof Object && methods.every((method) => method in binding)

const isQueue = (binding: unknown): binding is QueueNamespace => has(binding, 'getByName')
const isWorkflow = (binding: unknown): binding is Instances => has(binding, 'createBatch', 'get')
const isBucket = (binding: unknown): binding is Bucket => has(binding, 'put', 'get', 'head')
