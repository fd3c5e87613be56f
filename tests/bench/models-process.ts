/** The paced models as a process of their own: takes a pace, tells its address, ends with its parent. */
import { type Pace, startPacedModels } from '../fakes/paced-models.ts'

process.once('message', async (pace: Pace) => {
  const { url } = await startPacedModels(pace)
  process.send?.(url)
})
process.once('disconnect', () => process.exit(0))
