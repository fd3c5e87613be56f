/** The reward service as a process. */
import { main } from '../host/entry.ts'
import { modelFolder } from '../host/hub/model-folder.ts'
import { listen } from '../host/listen.ts'
import { packageVersion } from '../host/package-root.ts'
import { createApp } from './app.ts'
import { createMetrics, scoringEvents } from './metrics.ts'
import { loadRewardModel } from './reward-model.ts'

await main(async (settings) => {
  const path = await modelFolder(settings.reward_model, 'nano-reward')
  const metrics = createMetrics()
  const model = await loadRewardModel(path, {
    pooling: settings.reward_pooling,
    threads: settings.threads,
    events: scoringEvents(metrics, console.error),
  })
  const app = createApp({ model, metrics, version: packageVersion, log: console.error })
  await listen({
    name: 'reward service',
    fetch: app.fetch,
    portKey: 'reward_port',
    settings,
    onClose: model.close,
  })
})
