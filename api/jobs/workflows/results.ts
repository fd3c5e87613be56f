/** Results of jobs in a bucket of R2: one object each, of which the first stands. */
import { JobResult } from '../../../shared/jobs.ts'
import { createLanes } from '../../lanes.ts'

interface Kept {
  customMetadata?: Record<string, string>
}

/** The Worker's binding to the bucket. */
export interface Bucket {
  /** Gives null where the condition does not hold. */
  put: (
    name: string,
    text: string,
    options: {
      onlyIf: { etagDoesNotMatch: string }
      httpMetadata: { contentType: string }
      customMetadata: Record<string, string>
    },
  ) => Promise<Kept | null>
  head: (name: string) => Promise<Kept | null>
  get: (name: string) => Promise<(Kept & { text: () => Promise<string> }) | null>
  delete: (names: string[]) => Promise<void>
}

export type Outcome = 'done' | 'failed'

/** How many objects may be deleted at a time. */
const mostAtOnce = 1000

const nameOf = (job: string, index: number) => `jobs/${job}/${index}.json`

const outcomeOf = ({ customMetadata }: Kept): Outcome =>
  customMetadata?.['outcome'] === 'failed' ? 'failed' : 'done'

/** Keeps a result, unless there is one; gives the outcome that stands. */
export async function keepResult(bucket: Bucket, job: string, result: JobResult): Promise<Outcome> {
  const outcome: Outcome = result.problem === null ? 'done' : 'failed'
  const kept = await bucket.put(nameOf(job, result.index), JSON.stringify(result), {
    onlyIf: { etagDoesNotMatch: '*' },
    httpMetadata: { contentType: 'application/json' },
    customMetadata: { outcome },
  })
  return kept === null ? ((await outcomeKept(bucket, job, result.index)) ?? outcome) : outcome
}

/** The outcome of a question that has a result. */
export async function outcomeKept(
  bucket: Bucket,
  job: string,
  index: number,
): Promise<Outcome | undefined> {
  const kept = await bucket.head(nameOf(job, index))
  return kept === null ? undefined : outcomeOf(kept)
}

/** The results that there are from one place to before another. */
export async function readResults(
  bucket: Bucket,
  job: string,
  { from, to, connections }: { from: number; to: number; connections: number },
): Promise<JobResult[]> {
  const enter = createLanes(connections)
  const read = async (index: number) => {
    const leave = await enter()
    try {
      const text = await (await bucket.get(nameOf(job, index)))?.text()
      return text === undefined ? [] : [JobResult.parse(JSON.parse(text))]
    } finally {
      leave()
    }
  }
  const places = Array.from({ length: to - from }, (_, offset) => from + offset)
  return (await Promise.all(places.map(read))).flat()
}

/** Deletes all results of a job. */
export async function deleteResults(bucket: Bucket, job: string, total: number): Promise<void> {
  for (let at = 0; at < total; at += mostAtOnce) {
    const count = Math.min(mostAtOnce, total - at)
    await bucket.delete(Array.from({ length: count }, (_, offset) => nameOf(job, at + offset)))
  }
}
