/** The worker of jobs as api/queue-worker.ts starts it, but that what a dead one had is soon another's. */
import { cursorNatives } from '../../host/cursor-natives.ts'
import { main } from '../../host/entry.ts'
import { listen } from '../../host/listen.ts'
import { processLog, tell } from '../../host/log.ts'
import { startTelemetry } from '../../host/telemetry.ts'
import { dependencies } from '../../api/dependencies.ts'
import { createWorkerService } from '../../api/jobs/queue/service.ts'
import { replayStore } from '../../api/replay/configured.ts'

await main(async (settings) => {
  const { stop } = await startTelemetry('tpo-worker')
  const store = await replayStore(settings)
  const { cursor_keys: cursorKeys } = settings
  const log = processLog(settings)
  const deps = dependencies(settings, {
    cursorKeys,
    natives: cursorNatives,
    store,
    shared: true,
    log,
  })
  const worker = await createWorkerService(settings, { deps, cursorKeys, tell, lockMs: 2000 })
  await listen({
    name: 'worker',
    fetch: worker.fetch,
    portKey: 'worker_port',
    settings,
    onClose: stop,
    work: { unit: 'steps', inHand: worker.underWay, end: worker.end },
  })
  worker.begin()
})
