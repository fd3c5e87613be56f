/** The worker of jobs on Node: takes questions from the queue in Redis and answers them. */
import { tellWorkerStart } from '../host/banner.ts'
import { cursorNatives } from '../host/cursor-natives.ts'
import { cursorKeys } from '../host/data-folder.ts'
import { main } from '../host/entry.ts'
import { listen } from '../host/listen.ts'
import { processLog, tell } from '../host/log.ts'
import { startTelemetry } from '../host/telemetry.ts'
import { dependencies } from './dependencies.ts'
import { createWorkerService } from './jobs/queue/service.ts'
import { replayStore } from './replay/configured.ts'

await main(async (settings) => {
  const { scrape, stop } = await startTelemetry('tpo-worker')
  const log = processLog(settings)
  const store = await replayStore(settings)
  const keys = cursorKeys(settings)
  const parts = { cursorKeys: keys, natives: cursorNatives, store, shared: true, log }
  const deps = dependencies(settings, parts)
  const worker = await createWorkerService(settings, { deps, cursorKeys: keys, tell })
  const { url } = await listen({
    name: 'worker',
    fetch: worker.fetch,
    portKey: 'worker_port',
    settings,
    scrape,
    work: { unit: 'steps', inHand: worker.underWay, end: worker.end },
    onClose: stop,
  })
  worker.begin()
  tellWorkerStart({ url, queueHost: worker.queueHost, settings })
})
