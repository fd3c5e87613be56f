import { problem } from '../../shared/problems.ts'
import type { Log } from '../../shared/telemetry/log.ts'

/** Passes on what the place says where jobs are kept; where it says nothing, that is a problem that may pass. */
export const reachingJobs =
  (log: Log) =>
  async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer
    } catch (cause) {
      log.error('the store of jobs failed', cause)
      throw problem(
        'jobs_unreachable',
        'Where jobs are kept cannot be reached. Send the same request again.',
        { cause },
      )
    }
  }
