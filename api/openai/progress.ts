/** A run as something to read while it goes on, the way thinking models show theirs. */
import type { StreamEvent } from '../../shared/events.ts'
import type { Run, StepName } from '../../shared/tpo.ts'

/** What is left to say of a step's start: the critic's texts follow token by token. */
const titles: Record<StepName, (iteration: number) => string> = {
  sample: () => 'Drawing the first answers.\n',
  score: () => '',
  loss: (iteration) => `\nIteration ${iteration}, textual loss:\n`,
  gradient: (iteration) => `\n\nIteration ${iteration}, textual gradient:\n`,
  update: (iteration) => `\n\nIteration ${iteration}: rewriting by this advice.\n`,
}

const rounded = (reward: number) => reward.toFixed(2)

/**
 * A listener of a run that gives `tell` text to append. Answers grow side by side, so of them only
 * what they came to is told.
 */
export function progressTeller(tell: (text: string) => void): (event: StreamEvent) => void {
  let critic = false
  return (event) => {
    if (event.type === 'step_started') {
      critic = event.step === 'loss' || event.step === 'gradient'
      const title = titles[event.step](event.iteration)
      if (title !== '') tell(title)
    }
    if (event.type === 'delta' && critic && event.channel === 'answer') tell(event.text)
    if (event.type === 'candidate') {
      const { index, tokens } = event.candidate
      tell(`Answer ${index + 1}: ${tokens} tokens.\n`)
    }
    if (event.type === 'step' && event.step.name === 'score') tell(scored(event.run))
  }
}

function scored({ history, best }: Run): string {
  const summary = history.at(-1)
  if (summary === undefined || best === null) return ''
  const { best: highest, mean, count } = summary
  return `${count} rewards: best ${rounded(highest)}, mean ${rounded(mean)}; best so far ${rounded(best.reward)}.\n`
}
