/** The reward service as a process. */
import { exposeCudaLibraries } from '../host/cuda/library-path.ts'
import { main } from '../host/entry.ts'
import { modelFolder } from '../host/hub/model-folder.ts'
import { listen } from '../host/listen.ts'
import { checkModel } from '../inference/config.ts'
import { createApp } from './app.ts'
import { optionsOf } from './options.ts'
import { loadRewardModel } from './reward-model.ts'

await main(async (settings) => {
  const path = await modelFolder(settings.reward_model, 'nano-reward', checkModel('classifier'))
  await exposeCudaLibraries()
  const model = await loadRewardModel(path, optionsOf(settings))
  const app = createApp({ model, log: console.error })
  await listen({
    name: 'reward service',
    fetch: app.fetch,
    portKey: 'reward_port',
    settings,
    onClose: model.close,
  })
})
