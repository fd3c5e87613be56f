import { formatReward } from '../../common/format.ts'
import type { RunStore } from '../run-store.ts'
import { texts } from '../texts.ts'

/** Tells a screen reader what was reached; errors speak for themselves as alerts. */
export function Announcer({ store }: { store: RunStore }) {
  return <output class="unseen">{said(store)}</output>
}

function said({ status, run }: RunStore): string {
  const last = run.value?.history.at(-1)
  const best = run.value?.best
  if (status.value === 'cancelled') return texts.saidCancelled
  if (status.value === 'done' && best != null) {
    return texts.saidDone(formatReward(best.reward), best.text)
  }
  if (last === undefined) return ''
  return texts.saidScored(last.iteration, formatReward(last.mean), formatReward(last.best))
}
