import { readSample } from '../algorithm/extract.ts'
import { drawCandidates } from './candidates.ts'
import type { TakeStep } from './deps.ts'

/** Draws the first N answers to the conversation as it is. */
export const sample: TakeStep = (state, ...rest) =>
  drawCandidates(state, { messages: state.messages, read: readSample, hiddenTags: [] }, ...rest)
