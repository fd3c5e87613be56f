/** One question of a batch, from wherever it was left to its end. */
import { setTimeout as wait } from 'node:timers/promises'
import {
  ConnectionError,
  ProblemError,
  type Run,
  type TakeStep,
  type TpoClient,
} from '../../../shared/client.ts'
import type { StartSettings } from '../../../shared/tpo.ts'
import { continued, streamedStep } from '../../common/batch.ts'
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
}

/** Takes the steps that are left and keeps each. Rejects where one fails; what is kept stays. */
export async function workOn(
  { key, settings }: Item,
  { client, checkpoints, leaving, onStep }: WorkParts,
): Promise<RunRecord> {
  let record = await checkpoints.load(key)
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
  for (const ms of waits) {
    try {
      return await call()
    } catch (error) {
      if (!passes(error)) throw error
    }
    await wait(ms * (0.5 + Math.random()), undefined, { signal: leaving })
  }
  return call()
}

const busy = new Set(['overloaded', 'not_ready', 'replay_unavailable'])

const passes = (error: unknown) =>
  error instanceof ConnectionError ||
  (error instanceof ProblemError && busy.has(error.problem.code))
