/** One device that scores batches. */
import { InferenceError } from '../errors.ts'
import {
  type OnWorkerState,
  startLastingWorker,
  type LastingWorker,
  type WorkerState,
} from '../runtime/lasting-worker.ts'
import type { FromWorker } from '../runtime/messages.ts'
import { type Target, targetName } from '../runtime/target.ts'
import type { WorkerProcess } from '../runtime/worker-process.ts'
import type { PackedBatch } from './packing.ts'

export interface Scored {
  /** [sequences, labels] */
  logits: Float32Array
  /** Duration of the forward pass. */
  seconds: number
}

export type DeviceState = WorkerState

export interface Device extends Pick<LastingWorker, 'state' | 'restarts' | 'close'> {
  /** Such as `cpu` or `cuda:0`. */
  name: string
  target: Target
  /**
   * Throws an `InferenceError`: of fault `worker` when the pass failed, `ended` when its process
   * did before it was over.
   */
  run: (batch: PackedBatch) => Promise<Scored>
}

/** Throws what `start` throws the first time; `onState` hears of every later change of state. */
export async function createDevice(
  target: Target,
  start: () => Promise<WorkerProcess>,
  onState: OnWorkerState,
): Promise<Device> {
  const { state, restarts, current, close } = await startLastingWorker(start, onState)
  return {
    name: targetName(target),
    target,
    state,
    restarts,
    close,

    async run(batch) {
      const { nextId, ask, forget } = current()
      const id = nextId()
      const { promise, resolve, reject } = Promise.withResolvers<Scored>()
      const receive = (message: FromWorker) => {
        if (message.type === 'scored') resolve(message)
        if (message.type === 'failed') {
          reject(
            new InferenceError(
              'worker',
              `${targetName(target)} could not compute this: ${message.reason}`,
            ),
          )
        }
      }
      ask({ type: 'score', id, batch }, { receive, fail: reject })
      return promise.finally(() => forget(id))
    },
  }
}
