import { gradientPrompt } from '../algorithm/prompts.ts'
import { applyGradient } from '../algorithm/transitions.ts'
import { critique } from './critic.ts'
import type { TakeStep } from './deps.ts'

/** Turns the textual loss into advice: the textual gradient. */
export const gradient: TakeStep = (state, deps, ...rest) =>
  critique(
    state,
    { messages: gradientPrompt(state, deps.pack), apply: applyGradient },
    deps,
    ...rest,
  )
