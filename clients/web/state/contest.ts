/** "Was it worth it?": best-of-N with as many samples, beside the run that is shown. */
import { computed, signal } from '@preact/signals'
import type { Run } from '../../../shared/client.ts'
import { clientFor } from './connection.ts'
import { createRunStore, type RunStore } from './runs.ts'

const most = 128

/** The run that answers with best-of-N. */
export const contest: RunStore = createRunStore({
  client: () => clientFor(contest.record.value?.request.policy.base_url),
})

/** The position that it is compared with. */
const against = signal<string | null>(null)
const nameOf = ({ record, shown }: RunStore) =>
  record.value === null || shown.value === null ? null : `${record.value.id} ${shown.value.id}`

/** Whether what it shows belongs to what this store shows. */
export const contestIsFor = (store: RunStore) =>
  computed(() => against.value !== null && against.value === nameOf(store))

/** As many as the run has scored. */
export const contestSamples = ({ history }: Run): number =>
  Math.min(
    most,
    history.reduce((sum, { count }) => sum + count, 0),
  )

/** Same question and settings, no rewriting; its stops would make the two unequal. */
export function startContest(store: RunStore): void {
  const { record, run } = store
  if (record.value === null || run.value === null) return
  against.value = nameOf(store)
  contest.start({
    ...record.value.request,
    mode: 'bon',
    samples: contestSamples(run.value),
    stop: {},
  })
}
