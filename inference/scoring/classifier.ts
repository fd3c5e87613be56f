/** A classifier on its devices: sequences in, logits out. */
import { buildModel } from '../build.ts'
import type { Decoder } from '../decoder.ts'
import type { ModelFolder } from '../folder.ts'
import { rotationsOf } from '../rope.ts'
import { cpuThreads } from '../threads.ts'
import { startWorker } from '../worker-process.ts'
import type { OnWorkerState } from '../lasting-worker.ts'
import type { BatchLimits } from './batch.ts'
import { createDevice, type Device, type DeviceState } from './device.ts'
import { type BatchReport, createScorer, type Scorer } from './scorer.ts'

/** Hears of what the devices do. */
export interface ScoringEvents {
  onBatch: (report: BatchReport) => void
  /** Of every change of a device's state. */
  onDevice: (device: string, ...change: Parameters<OnWorkerState>) => void
}

export interface ClassifierOptions {
  /** CPU threads. */
  threads?: number | undefined
  events?: ScoringEvents | undefined
}

export interface Classifier extends Scorer {
  decoder: Decoder
  /** Logits per sequence. */
  width: number
  maxWaiting: number
  limits: BatchLimits
  devices: readonly Pick<Device, 'name' | 'state' | 'restarts'>[]
  /** That of its best device. */
  state: () => DeviceState
  close: () => Promise<void>
}

/** On a CPU more at once is no faster; the groups of one caller should fit. */
const cpuLimits = { tokens: 4096, sequences: 256 }

/** From best to worst. */
const states = ['ready', 'starting'] as const

/** Sequences that may wait for a device. */
const maxWaiting = 4096

/** Throws an `InferenceError` when the folder's parts do not fit together or cannot be loaded. */
export async function loadClassifier(
  folder: ModelFolder,
  { threads, events }: ClassifierOptions,
): Promise<Classifier> {
  const { decoder, onnx, directory, mapped, width } = buildModel(folder, 'classifier')
  const start = () =>
    startWorker(
      {
        head: 'classifier',
        session: { onnx, directory, mapped, threads: cpuThreads(threads) },
        rotations: rotationsOf(decoder),
        shape: decoder,
        tokenBytes: null,
      },
      folder.path,
    )
  const create = (name: string) =>
    createDevice(name, start, (...change) => {
      scorer.dispatch()
      events?.onDevice(name, ...change)
    })
  const devices = [await create('cpu')]
  const limits = cpuLimits
  const onBatch = events?.onBatch ?? (() => undefined)
  const scorer = createScorer({ devices, limits, maxWaiting, onBatch })
  return {
    decoder,
    width,
    maxWaiting,
    limits,
    devices,
    score: scorer.score,
    waiting: scorer.waiting,
    state: () =>
      states.find((state) => devices.some((device) => device.state() === state)) ?? 'ended',
    close: async () => void (await Promise.all(devices.map((device) => device.close()))),
  }
}
