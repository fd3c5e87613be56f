/** The reward service as a process. */
import { exposeCudaLibraries } from '../host/cuda/library-path.ts'
import { main } from '../host/entry.ts'
import { modelFolder } from '../host/hub/model-folder.ts'
import { listen } from '../host/listen.ts'
import { packageVersion } from '../host/package-root.ts'
import { checkModel } from '../inference/config.ts'
import { createApp } from './app.ts'
import { createMetrics } from './metrics.ts'
import { loadRewardModel } from './reward-model.ts'

await main(async (settings) => {
  const path = await modelFolder(settings.reward_model, 'nano-reward', checkModel('classifier'))
  await exposeCudaLibraries()
  const metrics = createMetrics()
  const model = await loadRewardModel(path, {
    pooling: settings.reward_pooling,
    label: settings.reward_label,
    threads: settings.threads,
    chatTemplate: settings.reward_chat_template,
    events: metrics,
    devices: settings.reward_devices,
    dtype: settings.reward_dtype,
    batchTokens: settings.reward_batch_tokens,
    exact: settings.reward_exact,
    log: (line) => console.error(`tpo: ${line}`),
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
