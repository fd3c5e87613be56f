import type { RunNode } from '../../../common/record.ts'
import { words } from '../../words/index.ts'

/** What a position is called: by the step that came to it. */
export const positionName = ({ step }: Pick<RunNode, 'step'>): string =>
  step === null ? words.value.steer.start : words.value.steer.position(step.name, step.iteration)
