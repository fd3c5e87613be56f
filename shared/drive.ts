import type { Next, StepAnswer } from './tpo.ts'

/** Where a run stands: all that its next step needs. */
export interface Place {
  cursor: string
  next: Next | null
}

/** Takes the step that is next: over HTTP in a client, in process in the run endpoint and in jobs. */
export type TakeStep<Answer extends Place = StepAnswer> = (
  cursor: string,
  next: Next,
) => Promise<Answer>

/**
 * The one loop "step until done", or until `until` is next. Yields each step's answer; stopping the iteration, or aborting
 * `signal`, ends it, and the last answer's cursor continues the run.
 */
export async function* drive<Answer extends Place>(
  from: Place,
  take: TakeStep<Answer>,
  signal?: AbortSignal,
  until?: Next,
): AsyncGenerator<Answer, void, undefined> {
  let { cursor, next } = from
  while (next !== null && !(next.step === until?.step && next.iteration === until.iteration)) {
    signal?.throwIfAborted()
    const answer = await take(cursor, next)
    yield answer
    ;({ cursor, next } = answer)
  }
}
