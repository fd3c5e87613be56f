import { lossPrompt } from '../algorithm/prompts.ts'
import { pair } from '../algorithm/select.ts'
import { applyLoss } from '../algorithm/transitions.ts'
import { critique } from './critic.ts'
import type { TakeStep } from './deps.ts'

/** Puts the gap between chosen and rejected into words: the textual loss. */
export const loss: TakeStep = (state, deps, ...rest) =>
  critique(
    state,
    { messages: lossPrompt(state, deps.pack), apply: applyLoss, single: pair(state).single },
    deps,
    ...rest,
  )
