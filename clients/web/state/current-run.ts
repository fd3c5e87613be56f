/** The run that the page shows. */
import { client } from './connection.ts'
import { keep } from './library.ts'
import { withProvenance } from './reward-model.ts'
import { createRunStore } from './runs.ts'

export const currentRun = createRunStore({
  client: () => client.value,
  keep,
  prepare: withProvenance,
})
