/** The local policy as a process. */
import { main } from '../host/entry.ts'
import { listen } from '../host/listen.ts'
import { bundledModel } from '../host/package-root.ts'
import { loadChatModel } from '../inference/chat-model.ts'
import { createApp } from './app.ts'

await main(async (settings) => {
  const model = await loadChatModel(settings.local_policy_model ?? bundledModel('nano-policy'), {
    head: 'causal',
    threads: settings.threads,
  })
  const app = createApp({ model, log: console.error })
  await listen({
    name: 'local policy',
    fetch: app.fetch,
    portKey: 'local_policy_port',
    settings,
    onClose: model.close,
  })
})
