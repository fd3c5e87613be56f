/** A classifier on its devices: sequences in, logits out. */
import { buildClassifier } from '../build.ts'
import type { ModelFolder } from '../folder.ts'
import type { ClassifierHead } from '../heads/head.ts'
import type { WorkerStart } from '../messages.ts'
import { readReadyMadeConfig } from '../ready-made.ts'
import { rotationsOf } from '../rope.ts'
import { cpuThreads } from '../threads.ts'
import { startWorker } from '../worker-process.ts'
import { createDevice, type DeviceState } from './device.ts'
import { type BatchReport, createScorer, type Scorer } from './scorer.ts'

export interface ClassifierOptions {
  /** CPU threads. */
  threads?: number | undefined
  onBatch?: (report: BatchReport) => void
}

export interface Classifier extends Scorer {
  decoder: Decoder
  /** Logits per sequence. */
  width: number
  maxWaiting: number
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
  { threads, onBatch = () => undefined }: ClassifierOptions,
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
  const devices = [await createDevice('cpu', start, () => scorer.dispatch())]
  const scorer = createScorer({ devices, limits: cpuLimits, maxWaiting, onBatch })
  return {
    decoder,
    width,
    maxWaiting,
    score: scorer.score,
    waiting: scorer.waiting,
    state: () =>
      states.find((state) => devices.some((device) => device.state() === state)) ?? 'ended',
    close: async () => void (await Promise.all(devices.map((device) => device.close()))),
  }
}
