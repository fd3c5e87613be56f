import { problem } from '../../shared/problems.ts'
import type { Next, Run } from '../../shared/tpo.ts'

const places = { sample: 0, score: 1, loss: -2, gradient: -1, update: 0 } as const

/** The place of a step in the order of a run's steps. */
const place = ({ step, iteration }: Next): number => 4 * iteration + places[step]

/** Whether a run of so many iterations has this step at all. */
const exists = ({ step, iteration }: Next, iterations: number): boolean => {
  if (iteration > iterations) return false
  return step === 'score' || (step === 'sample') === (iteration === 0)
}

/** Throws `invalid_request` where a run that is before `next` never comes to be before `until`. */
export function expectAhead(
  next: Next,
  until: Next | undefined,
  { iterations, edited }: Pick<Run, 'iterations'> & { edited: boolean },
): void {
  if (until === undefined) return
  const { step, iteration } = until
  if (!exists(until, iterations)) {
    throw refused(
      `a run of ${iterations} iterations has no ${step} of iteration ${iteration}; sample is of iteration 0, loss, gradient and update of 1 to ${iterations}.`,
    )
  }
  if (edited && place(until) === place(next)) {
    throw problem(
      'invalid_request',
      '$.edit: this cursor is where until is, so there is no step to edit. Leave one of them out.',
      { path: '$.edit' },
    )
  }
  if (place(until) < place(next)) {
    throw refused(
      `the ${step} of iteration ${iteration} is behind this cursor, which is before the ${next.step} of iteration ${next.iteration}. Send an earlier cursor.`,
    )
  }
}

const refused = (reason: string) =>
  problem('invalid_request', `$.until: ${reason}`, { path: '$.until' })
