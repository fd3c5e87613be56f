/** The API on Node, with the built page. */
import { cursorNatives } from '../host/cursor-natives.ts'
import { cursorKeys } from '../host/data-folder.ts'
import { main } from '../host/entry.ts'
import { listen } from '../host/listen.ts'
import { processLog } from '../host/log.ts'
import { servePage } from '../host/page.ts'
import { startTelemetry } from '../host/telemetry.ts'
import { createApp } from './app.ts'
import { dependencies } from './dependencies.ts'
import { jobEngine } from './jobs/configured.ts'
import { replayStore } from './replay/configured.ts'

await main(async (settings) => {
  const { scrape, stop } = await startTelemetry('tpo-api')
  const log = processLog(settings)
  const store = await replayStore(settings)
  const keys = cursorKeys(settings)
  const parts = { cursorKeys: keys, natives: cursorNatives, store, shared: true, log }
  const jobs = await jobEngine(settings, keys, log)
  const app = createApp({ ...dependencies(settings, parts), jobs })
  app.use(servePage())
  await listen({
    name: 'API',
    fetch: app.fetch,
    portKey: 'api_port',
    settings,
    scrape,
    onClose: stop,
  })
})
