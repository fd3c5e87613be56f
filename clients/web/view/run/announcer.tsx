import { formatReward } from '../../../common/format.ts'
import type { RunStore } from '../../state/runs.ts'
import { words } from '../../words/index.ts'

/** Tells a screen reader what was reached; errors speak for themselves as alerts. */
export function Announcer({ store }: { store: RunStore }) {
  return <output class="unseen">{said(store)}</output>
}

function said({ status, run }: RunStore): string {
  const last = run.value?.history.at(-1)
  const best = run.value?.best
  if (status.value === 'cancelled') return words.value.run.saidCancelled
  if (status.value === 'done' && best != null) {
    return words.value.run.saidDone(formatReward(best.reward), best.text)
  }
  if (last === undefined) return ''
  return words.value.run.saidScored(
    last.iteration,
    formatReward(last.mean),
    formatReward(last.best),
  )
}
