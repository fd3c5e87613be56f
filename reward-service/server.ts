/** The reward service as a process. */
import { gpuMemory } from '../host/cuda/driver.ts'
import { exposeCudaLibraries } from '../host/cuda/library-path.ts'
import { main } from '../host/entry.ts'
import { modelFolder } from '../host/hub/model-folder.ts'
import { listen } from '../host/listen.ts'
import { processLog } from '../host/log.ts'
import { packageVersion } from '../host/package-root.ts'
import { startTelemetry } from '../host/telemetry.ts'
import { checkModel } from '../inference/model/config.ts'
import { createApp } from './app.ts'
import { createMetrics } from './metrics.ts'
import { optionsOf } from './options.ts'
import { loadRewardModel } from './load.ts'

await main(async (settings) => {
  const telemetry = await startTelemetry('tpo-reward')
  const path = await modelFolder(settings.reward_model, 'nano-reward', checkModel('classifier'))
  await exposeCudaLibraries()
  const metrics = createMetrics({ gpuMemory })
  const model = await loadRewardModel(path, { ...optionsOf(settings), events: metrics })
  const app = createApp({ model, metrics, version: packageVersion, log: processLog(settings) })
  await listen({
    name: 'reward service',
    fetch: app.fetch,
    portKey: 'reward_port',
    settings,
    scrape: telemetry.scrape,
    onClose: async () => {
      await model.close()
      await telemetry.stop()
    },
  })
}, 'reward_model')
