/** One question of a batch, from wherever it was left to its end. */
import { setTimeout as wait } from 'node:timers/promises'
import {
  ConnectionError,
  type Problem,
  ProblemError,
  type Run,
  type TakeStep,
  type TpoClient,
} from '../../../shared/client.ts'
import type { StartSettings } from '../../../shared/tpo.ts'
import { continued, leadsNowhere, streamedStep } from '../../common/batch.ts'
import type { RunRecord } from '../../common/record.ts'
import { beginRecord, newestLeaf } from '../../common/tree.ts'
import type { Checkpoints } from './checkpoints.ts'

export interface Item {
  /** Its name in the file of questions. */
  readonly id: string
  readonly key: string
  readonly settings: StartSettings
}

export interface WorkParts {
  client: TpoClient
  checkpoints: Checkpoints
  /** Leaves what is not begun for later; a step in hand is finished and kept. */
  leaving: AbortSignal
  /** Hears of each step, after it is kept. */
  onStep: (run: Run) => void
  /** Hears why the API does not go on from what was kept, so that the question begins anew. */
  onAnew: (problem: Problem) => void
}

/** Takes the steps that are left and keeps each. Rejects where one fails; what is kept stays. */
export async function workOn(item: Item, parts: WorkParts): Promise<RunRecord> {
  try {
    return await toItsEnd(item, await parts.checkpoints.load(item.key), parts)
  } catch (error) {
    if (!(error instanceof ProblemError && leadsNowhere(error.problem.code))) throw error
    parts.onAnew(error.problem)
    return toItsEnd(item, null, parts)
  }
}

async function toItsEnd(
  { key, settings }: Item,
  kept: RunRecord | null,
  { client, checkpoints, leaving, onStep }: WorkParts,
): Promise<RunRecord> {
  let record = kept
  if (record === null) {
    const position = await patiently(() => client.start(settings), leaving)
    record = beginRecord(settings, position, new Date())
  }
  const step = streamedStep(client)
  const take: TakeStep = (cursor, next) => patiently(() => step(cursor, next), leaving)
  for await (const longer of continued(record, take, leaving)) {
    record = longer
    await checkpoints.save(key, record)
    onStep(newestLeaf(record).run)
  }
  return record
}

const waits = [500, 1000, 2000, 4000, 8000, 16_000]

/**
 * Waits out an API that is starting again or has too much to do; all else it has retried itself.
 * The same cursor is good every time.
 */
async function patiently<T>(call: () => Promise<T>, leaving: AbortSignal): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await call()
    } catch (error) {
      const problem = error instanceof ProblemError ? error.problem.code : null
      // Where the batch itself is what keeps the API busy, there is always an end to it.
      const last = problem === 'too_many_requests' ? waits.at(-1) : undefined
      const ms = waits[tries] ?? last
      const passes = error instanceof ConnectionError || (problem !== null && busy.has(problem))
      if (!passes || ms === undefined) throw error
      await wait(ms * (0.5 + Math.random()), undefined, { signal: leaving })
    }
  }
}

const busy = new Set(['overloaded', 'not_ready', 'replay_unavailable', 'too_many_requests'])
