/** The run that the page shows. */
import { rewardModel } from './backends.ts'
import { clientFor } from './connection.ts'
import { keep } from './library.ts'
import { withProvenance } from './provenance.ts'
import { createRunStore, type RunStore } from './runs.ts'

export const currentRun: RunStore = createRunStore({
  client: () => clientFor(currentRun.record.value?.request.policy.base_url),
  keep,
  prepare: (request) => withProvenance(request, rewardModel.value),
})
