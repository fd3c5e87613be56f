/** The local policy as a process. */
import { main } from '../host/entry.ts'
import { modelFolder } from '../host/hub/model-folder.ts'
import { listen } from '../host/listen.ts'
import { processLog } from '../host/log.ts'
import { startTelemetry } from '../host/telemetry.ts'
import { checkModel } from '../inference/model/config.ts'
import { loadPolicy } from '../inference/generation/policy.ts'
import { tellState } from '../inference/runtime/lasting-worker.ts'
import { createApp } from './app.ts'

await main(async (settings) => {
  const telemetry = await startTelemetry('tpo-policy')
  const path = await modelFolder(settings.local_policy_model, 'nano-policy', checkModel('causal'))
  const model = await loadPolicy(path, {
    threads: settings.threads,
    onState: tellState('local policy', (line) => console.error(`tpo: ${line}`)),
  })
  const app = createApp({ model, log: processLog(settings) })
  await listen({
    name: 'local policy',
    fetch: app.fetch,
    portKey: 'local_policy_port',
    settings,
    scrape: telemetry.scrape,
    onClose: async () => {
      await model.close()
      await telemetry.stop()
    },
  })
}, 'local_policy_model')
