/** Edits of a state just before its next step. No edit changes best, worst, history or usage. */
import type { Edit, Edited } from '../../shared/edit.ts'
import { problem } from '../../shared/problems.ts'
import type { StepName } from '../../shared/tpo.ts'
import type { State } from './state.ts'
import { nextStep, scorable } from './transitions.ts'

/** The steps before which each field can be edited. */
const editable: Record<keyof Edit, readonly StepName[]> = {
  add: ['score'],
  drop: ['score'],
  chosen: ['loss'],
  rejected: ['loss'],
  loss: ['gradient'],
  gradient: ['update'],
  sampling: ['sample', 'update'],
}

/** The state as `edit` makes it. Throws `invalid_request` with the path of a field that does not fit here. */
export function applyEdit(state: State, edit: Edit = {}): State {
  const { step } = nextStep(state)
  for (const field of Object.keys(edit) as (keyof Edit)[]) {
    const before = editable[field]
    if (edit[field] === undefined || before.includes(step)) continue
    throw refused(
      field,
      `only a cursor before ${before.join(' or ')} takes this; this one is before ${step}.`,
    )
  }
  const { add, drop, loss, gradient, ...rest } = edit
  const kept = { ...state.edited, ...given(rest) }
  if (rest.rejected !== undefined && state.mode !== 'tpo') {
    throw refused('rejected', `mode ${state.mode} compares with no rejected answer; use mode tpo.`)
  }
  return {
    ...state,
    pending: editPending(state, { add, drop }),
    ...(loss !== undefined && { loss }),
    ...(gradient !== undefined && { gradient }),
    ...(Object.keys(kept).length > 0 && { edited: kept }),
  }
}

/** How many answers the next draw asks for, from which run seed, with which policy settings. */
export function sampling(state: State): Pick<State, 'samples' | 'seed' | 'policy'> {
  const { samples = state.samples, seed = state.seed, ...policy } = state.edited?.sampling ?? {}
  return { samples, seed, policy: { ...state.policy, ...policy } }
}

function editPending(state: State, { add = [], drop = [] }: Pick<Edit, 'add' | 'drop'>) {
  const { pending } = state
  const indexes = pending.map(({ index }) => index)
  drop.forEach((index, place) => {
    if (indexes.includes(index)) return
    throw refused(
      `drop[${place}]`,
      `no candidate has index ${index}; there are ${indexes.join(', ')}.`,
    )
  })
  // Above every index that was drawn, so that an index names one candidate of its iteration.
  const first = Math.max(-1, ...indexes) + 1
  const added = add.map((text, place) => ({
    index: first + place,
    text,
    finish_reason: 'edit',
    tokens: 0,
  }))
  const edited = [...pending.filter(({ index }) => !drop.includes(index)), ...added]
  if (drop.length > 0 && scorable({ pending: edited }).length === 0) {
    throw refused(
      'drop',
      'no candidate with any text would be left to score; add one, or keep one.',
    )
  }
  return edited
}

const refused = (field: string, reason: string) =>
  problem('invalid_request', `$.edit.${field}: ${reason}`, { path: `$.edit.${field}` })

const given = (edited: Edited): Edited =>
  Object.fromEntries(Object.entries(edited).filter(([, value]) => value !== undefined))
