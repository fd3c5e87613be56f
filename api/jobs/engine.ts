/** What the job routes need of an engine that works on questions and outlives processes. */
import type { Job, JobOrder, JobResult } from '../../shared/jobs.ts'

export interface SubmittedJob {
  /** Names the job for the engine: of its tenant and id, in at most 64 letters, digits and dashes. */
  key: string
  id: string
  /** Whose runs these are. */
  tenant: string
  /** Stands for questions and settings. */
  digest: string
  created_at: string
  order: Pick<JobOrder, 'questions' | 'settings'>
}

/**
 * What every engine guarantees, whichever processes die meanwhile: each question of a job that was
 * accepted gets exactly one result, and the first one stands. A step whose answer was stored for
 * replay is not paid again. Methods reject where the engine cannot be reached.
 */
export interface JobEngine {
  /** Accepts the job, or gives the one that goes by its key, whose digest may be another. */
  submit: (job: SubmittedJob) => Promise<{ standing: Job; digest: string }>
  find: (key: string) => Promise<Job | undefined>
  /** Of the questions from one place to before another, in their order; without those under way. */
  results: (key: string, from: number, to: number) => Promise<JobResult[]>
  /** Begins no more steps; gives the job as it is then. */
  cancel: (key: string) => Promise<Job | undefined>
}
