import { readingOf } from '../algorithm/extract.ts'
import { updatePrompt } from '../algorithm/prompts.ts'
import { packOf } from '../prompts/pack.ts'
import { drawCandidates, type Drawing } from './candidates.ts'
import type { TakeStep } from './deps.ts'

/** Draws N new answers that follow the textual gradient. */
export const update: TakeStep = (state, deps, ...rest) => {
  const tag = packOf(deps.pack, state.prompts, state.mode).answer_tag
  const drawing: Drawing = {
    messages: updatePrompt(state, deps.pack),
    read: (content, reasoning) => readingOf(state).update(content, reasoning, tag),
    hiddenTags: [`<${tag}>`, `</${tag}>`],
  }
  return drawCandidates(state, drawing, deps, ...rest)
}
