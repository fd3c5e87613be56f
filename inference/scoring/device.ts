/** One device that scores batches, in a process that is started again when it dies. */
import { setTimeout as delay } from 'node:timers/promises'
import { InferenceError } from '../errors.ts'
import type { FromWorker } from '../messages.ts'
import { type Target, targetName } from '../target.ts'
import type { WorkerProcess } from '../worker-process.ts'
import type { PackedBatch } from './packing.ts'

export interface Scored {
  /** [sequences, labels] */
  logits: Float32Array
  /** Duration of the forward pass. */
  seconds: number
}

/** `ended` once it was closed, or could not be started again. */
export type DeviceState = 'ready' | 'starting' | 'ended'

export interface Device {
  /** Such as `cpu` or `cuda:0`. */
  name: string
  state: () => DeviceState
  /** Throws an `InferenceError` of fault `worker` when the pass failed or its process ended. */
  run: (batch: PackedBatch) => Promise<Scored>
  close: () => Promise<void>
}

/** Pauses before it is started again and again, in milliseconds. */
const pauses = [0, 1000, 2000, 4000, 8000]

/** Throws what `start` throws the first time; `onChange` hears of every later change of state. */
export async function createDevice(
  target: Target,
  start: () => Promise<WorkerProcess>,
  onChange: () => void,
): Promise<Device> {
  const name = targetName(target)
  let worker = await start()
  let state: DeviceState = 'ready'
  const closed = () => state === 'ended'

  const become = (next: DeviceState) => {
    state = next
    onChange()
  }
  const restart = async () => {
    for (const pause of pauses) {
      await delay(pause, undefined, { ref: false })
      if (closed()) return
      const started = await start().catch(() => undefined)
      if (started === undefined) continue
      if (closed()) return started.close()
      worker = started
      void keepAlive()
      return become('ready')
    }
    become('ended')
  }
  const keepAlive = async () => {
    await worker.ended
    if (closed()) return
    become('starting')
    await restart()
  }
  void keepAlive()

  return {
    name,
    state: () => state,

    async run(batch) {
      const id = worker.nextId()
      const { promise, resolve, reject } = Promise.withResolvers<Scored>()
      const receive = (message: FromWorker) => {
        if (message.type === 'scored') resolve(message)
        if (message.type === 'failed') {
          reject(new InferenceError('worker', `${name} could not compute this: ${message.reason}`))
        }
      }
      const { ask, forget } = worker
      ask({ type: 'score', id, batch }, { receive, fail: reject })
      return promise.finally(() => forget(id))
    },

    async close() {
      become('ended')
      await worker.close()
    },
  }
}
