import { readingOf } from '../algorithm/extract.ts'
import { drawCandidates } from './candidates.ts'
import type { TakeStep } from './deps.ts'

/** Draws the first N answers to the conversation as it is. */
export const sample: TakeStep = (state, ...rest) => {
  const { sample: read } = readingOf(state)
  return drawCandidates(state, { messages: state.messages, read, hiddenTags: [] }, ...rest)
}
