/** The run that the page shows. */
import { clientFor } from './connection.ts'
import { keep } from './library.ts'
import { createRunStore, type RunStore } from './runs.ts'

export const currentRun: RunStore = createRunStore({
  client: () => clientFor(currentRun.record.value?.request.policy.base_url),
  keep,
})
