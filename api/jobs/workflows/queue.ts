/** What `JobQueue` answers to: the one Durable Object that knows all jobs. */
import type { Job } from '../../../shared/jobs.ts'
import type { SubmittedJob } from '../engine.ts'
import type { Outcome } from './results.ts'

/** A job as it is handed over: its texts are JSON. */
export interface NewJob extends Omit<SubmittedJob, 'order'> {
  settings: string
  questions: string[]
}

export interface QueueStub {
  submit: (job: NewJob) => Promise<{ standing: Job; digest: string }>
  find: (key: string) => Promise<Job | undefined>
  /** What the job is called in the bucket and by its instances. */
  nameOf: (key: string) => Promise<string | undefined>
  cancel: (key: string) => Promise<Job | undefined>
  /** The question with its settings, as JSON; undefined once it has ended. */
  order: (job: string, index: number) => Promise<string | undefined>
  /** Hears that a question has a result. */
  ended: (job: string, index: number, outcome: Outcome) => Promise<void>
}

/** The Worker's binding to it. */
export interface QueueNamespace {
  getByName: (name: string) => QueueStub
}

export const queueOf = (namespace: QueueNamespace): QueueStub => namespace.getByName('all jobs')
