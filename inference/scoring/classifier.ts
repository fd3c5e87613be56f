/** A classifier on its devices: sequences in, logits out. */
import { isPaged } from '../attention/packed.ts'
import { pageSize } from '../attention/paged.ts'
import { buildModel } from '../build.ts'
import { readConfig } from '../config.ts'
import type { Decoder } from '../decoder.ts'
import type { ModelFolder } from '../folder.ts'
import { type OnWorkerState, tellState } from '../lasting-worker.ts'
import { rotationsOf } from '../rope.ts'
import type { Target } from '../target.ts'
import { cpuThreads } from '../threads.ts'
import { startWorker } from '../worker-process.ts'
import type { Batching } from './batch.ts'
import type { Device, DeviceState } from './device.ts'
import { type DeviceChoice, openDevices } from './devices.ts'
import { createPacking, type Packing } from './packing.ts'
import { createPaging } from './paging.ts'
import { type BatchReport, createScorer, type Scorer } from './scorer.ts'

/** Hears of what the devices do. */
export interface ScoringEvents {
  onBatch: (report: BatchReport) => void
  /** Of every change of a device's state. */
  onDevice: (device: string, ...change: Parameters<OnWorkerState>) => void
}

export interface ClassifierOptions extends Partial<DeviceChoice> {
  /** CPU threads. */
  threads?: number | undefined
  /** Tokens of one forward pass. */
  batchTokens?: number | undefined
  /** One sequence per forward pass: a GPU then gives it the same bits whatever is beside it. */
  exact?: boolean
  events?: ScoringEvents | undefined
  /** Hears why a better device is not used, and of a process that ended. */
  log?: (line: string) => void
}

export interface Classifier extends Scorer {
  decoder: Decoder
  /** Logits per sequence. */
  width: number
  target: Target
  maxWaiting: number
  limits: Pick<Batching, 'tokens' | 'sequences'>
  devices: readonly Pick<Device, 'name' | 'state' | 'restarts'>[]
  /** That of its best device. */
  state: () => DeviceState
  close: () => Promise<void>
}

/**
 * Tokens of one pass. A CPU is no faster with more at once than a group of one caller has; a GPU
 * is, and has the memory.
 */
const batchTokens = { cpu: 4096, gpu: 16_384 }

/** Sequences of one pass. */
const batchSequences = 256

/** From best to worst. */
const states = ['ready', 'starting'] as const

/** Sequences that may wait for a device. */
const maxWaiting = 4096

const nothing = () => undefined

const packingOf = (target: Target, { headSize }: Decoder): (() => Packing) =>
  isPaged(target) ? () => createPaging(pageSize(headSize)) : createPacking

/** Throws an `InferenceError` when the folder's parts do not fit together or cannot be loaded. */
export async function loadClassifier(
  folder: ModelFolder,
  options: ClassifierOptions,
): Promise<Classifier> {
  const { devices: names = ['cpu'], dtype = 'auto', log = nothing, events } = options
  const threads = cpuThreads(options.threads)
  const decoder = readConfig(folder, 'classifier')
  // A device that was tried and not chosen changes its state before there is one.
  let line: ReturnType<typeof createScorer> | undefined
  const opened = await openDevices({
    folder,
    choice: { devices: names, dtype },
    start(target) {
      const { decoder: _, width: __, ...session } = buildModel(folder, 'classifier', target)
      return startWorker(
        {
          head: 'classifier',
          session: { ...session, threads },
          rotations: rotationsOf(decoder),
          shape: decoder,
          tokenBytes: null,
        },
        folder.path,
      )
    },
    createPacking: (target) => packingOf(target, decoder)(),
    onState(device, ...change) {
      line?.dispatch()
      events?.onDevice(device, ...change)
      tellState(device, log)(...change)
    },
    log,
  })
  const { devices, target } = opened
  const tokens = options.batchTokens ?? batchTokens[target.provider === 'cpu' ? 'cpu' : 'gpu']
  const batching = {
    tokens,
    sequences: options.exact === true ? 1 : batchSequences,
    padded: !isPaged(target),
    createPacking: packingOf(target, decoder),
  }
  const scorer = createScorer({
    devices,
    batching,
    maxWaiting,
    onBatch: events?.onBatch ?? nothing,
  })
  line = scorer
  return {
    decoder,
    width: buildModel(folder, 'classifier', target).width,
    target,
    maxWaiting,
    limits: batching,
    devices,
    score: scorer.score,
    waiting: scorer.waiting,
    state: () =>
      states.find((state) => devices.some((device) => device.state() === state)) ?? 'ended',
    close: async () => void (await Promise.all(devices.map((device) => device.close()))),
  }
}
