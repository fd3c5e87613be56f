/** A process that runs a model, started again when it dies. */
import { setTimeout as delay } from 'node:timers/promises'
import { InferenceError } from '../errors.ts'
import type { WorkerProcess } from './worker-process.ts'

/** `ended` once it was closed, or could not be started again. */
export type WorkerState = 'ready' | 'starting' | 'ended'

export interface LastingWorker {
  state: () => WorkerState
  /** How often it was started again. */
  restarts: () => number
  /** The process that runs, or the last one that did: then what it is asked fails. */
  current: () => WorkerProcess
  close: () => Promise<void>
}

/** Hears of every change of state; `why` is what ended the process, or keeps it from starting. */
export type OnWorkerState = (state: WorkerState, why?: InferenceError) => void

/** Pauses before it is started again and again, in milliseconds. */
const pauses = [0, 500, 1000, 2000, 4000]

/** Throws what `start` throws the first time. */
export async function startLastingWorker(
  start: () => Promise<WorkerProcess>,
  onState: OnWorkerState,
): Promise<LastingWorker> {
  let worker = await start()
  let state: WorkerState = 'ready'
  let restarts = 0
  const closed = () => state === 'ended'

  const become = (next: WorkerState, why?: InferenceError) => {
    state = next
    onState(next, why)
  }
  const restart = async () => {
    let why: unknown
    for (const pause of pauses) {
      await delay(pause, undefined, { ref: false })
      if (closed()) return
      const started = await start().catch((error: unknown) => void (why = error))
      if (started === undefined) continue
      if (closed()) return started.close()
      worker = started
      restarts++
      void keepAlive()
      return become('ready')
    }
    if (!closed()) become('ended', why instanceof InferenceError ? why : undefined)
  }
  const keepAlive = async () => {
    const why = await worker.ended
    if (closed()) return
    become('starting', why)
    await restart()
  }
  void keepAlive()

  return {
    state: () => state,
    restarts: () => restarts,
    current: () => worker,
    async close() {
      if (!closed()) become('ended')
      await worker.close()
    },
  }
}

/** Writes lines for the person who runs the service. */
export function tellState(name: string, write: (line: string) => void): OnWorkerState {
  return (state, why) => {
    if (state === 'ready') write(`${name}: started again`)
    if (state === 'starting') write(`${name}: ${why?.message}; starting it again`)
    if (state === 'ended' && why !== undefined) {
      write(`${name}: ${why.message}; it stays stopped, restart the service`)
    }
  }
}
