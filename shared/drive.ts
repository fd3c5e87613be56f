import type { Next, Position, StepAnswer } from './tpo.ts'

/** Takes the step that is next: over HTTP in a client, in process in the run endpoint. */
export type TakeStep = (cursor: string, next: Next) => Promise<StepAnswer>

/**
 * The one loop "step until done", or until `until` is next. Yields each step's answer; stopping the iteration, or aborting
 * `signal`, ends it, and the last answer's cursor continues the run.
 */
export async function* drive(
  from: Position,
  take: TakeStep,
  signal?: AbortSignal,
  until?: Next,
): AsyncGenerator<StepAnswer, void, undefined> {
  let { cursor, next } = from
  while (next !== null && !(next.step === until?.step && next.iteration === until.iteration)) {
    signal?.throwIfAborted()
    const answer = await take(cursor, next)
    yield answer
    ;({ cursor, next } = answer)
  }
}
