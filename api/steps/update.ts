import { readUpdate } from '../algorithm/extract.ts'
import { updatePrompt } from '../algorithm/prompts.ts'
import { drawCandidates } from './candidates.ts'
import type { TakeStep } from './deps.ts'

/** Draws N new answers that follow the textual gradient. */
export const update: TakeStep = (state, deps, ...rest) =>
  drawCandidates(
    state,
    {
      messages: updatePrompt(state, deps.pack),
      read: readUpdate,
      hiddenTags: ['<answer>', '</answer>'],
    },
    deps,
    ...rest,
  )
