/** One question in the hands of a worker: from where its run stands to its result, a step at a time. */
import { drive, type Place } from '../../../shared/drive.ts'
import type { JobResult } from '../../../shared/jobs.ts'
import { ProblemError } from '../../../shared/problems.ts'
import type { Log } from '../../../shared/telemetry/log.ts'
import type { Runs } from '../../runs.ts'
import {
  begin,
  failed,
  finished,
  type QuestionOrder,
  retries,
  retriesOf,
  takeNext,
} from '../question.ts'

export interface QuestionAt {
  question: QuestionOrder
  /** Null before the run began. */
  place: Place | null
  /** How often the step that is next was tried. */
  tries: number
}

export interface Hands {
  runs: Runs
  log: Log
  /** Keeps where the run stands now. */
  keep: (place: Place) => Promise<void>
  /** Asked before each step, and rejects where none is to be taken. */
  expectWanted: () => Promise<void>
  /** Ends the step in hand. */
  signal: AbortSignal
}

/** The question's result, or that its next step is to be tried once more after so many milliseconds. */
type Outcome = { result: JobResult } | { tries: number; waitMs: number }

/** What a step threw, apart from what the queue throws. */
class StepError extends Error {
  override readonly name = 'StepError'
}

const step = <T>(work: Promise<T>): Promise<T> =>
  work.catch((cause: unknown) => {
    throw new StepError('a step of a question failed', { cause })
  })

/** Works on a question until it has a result or has to wait. Rejects with what `keep` and `expectWanted` do. */
export async function workOn(at: QuestionAt, hands: Hands): Promise<Outcome> {
  const { runs, log, keep, expectWanted, signal } = hands
  const { question } = at
  let cursor = at.place?.cursor ?? null
  let { tries } = at
  const reach = async (place: Place) => {
    await keep(place)
    cursor = place.cursor
    tries = 0
    return place
  }
  const take = async (from: string) => {
    await expectWanted()
    return step(takeNext(runs, from, signal))
  }
  try {
    let place = at.place ?? (await reach(await step(begin(runs, question))))
    for await (const reached of drive(place, take)) place = await reach(reached)
    return { result: await step(finished(runs, question, place.cursor)) }
  } catch (error) {
    if (!(error instanceof StepError)) throw error
    signal.throwIfAborted()
    const { cause } = error
    if (tries < retriesOf(cause)) {
      return { tries: tries + 1, waitMs: retries.firstWait * 2 ** tries }
    }
    if (!(cause instanceof ProblemError)) log.error('a question of a job failed', cause)
    return { result: failed(question, cursor, cause) }
  }
}
