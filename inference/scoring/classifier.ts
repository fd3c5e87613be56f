/** A classifier on its devices: sequences in, logits out. */
import { isPaged } from '../graph/attention/packed.ts'
import { pageSize } from '../graph/attention/paged.ts'
import { buildClassifier } from '../graph/build.ts'
import { readClassifierConfig } from '../model/config.ts'
import { InferenceError } from '../errors.ts'
import type { ModelFolder } from '../model/folder.ts'
import { type OnWorkerState, tellState } from '../runtime/lasting-worker.ts'
import type { WorkerStart } from '../runtime/messages.ts'
import { firstEndsOf } from '../text/pair-kinds.ts'
import { takesPairs } from '../text/pair-text.ts'
import { readReadyMadeConfig } from '../model/ready-made.ts'
import { rotationsOf } from '../runtime/rope.ts'
import type { Target } from '../runtime/target.ts'
import { cpuThreads } from '../runtime/threads.ts'
import { startWorker } from '../runtime/worker-process.ts'
import type { Batching } from './batch.ts'
import type { Device, DeviceState } from './device.ts'
import { type DeviceChoice, openDevices } from './devices.ts'
import { createPacking, type Packing } from './packing.ts'
import { createPaging } from './paging.ts'
import { createScorer, type LineEvents, type Scorer } from './scorer.ts'

/** Hears of what the devices do. */
export interface ScoringEvents extends LineEvents {
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
  events?: Partial<ScoringEvents> | undefined
  /** Hears why a better device is not used, and of a process that ended. */
  log?: (line: string) => void
}

export interface Classifier extends Scorer {
  /** The longest sequence it takes, in tokens. */
  context: number
  /** Tokens that it knows. */
  vocabulary: number
  /**
   * Positions of a sequence that its head reads; `skipPadding` is the rule of transformers, by
   * which padding is not scored. Throws an `InferenceError` of fault `prompt` when the sequence
   * lacks what is read.
   */
  reads: (ids: Int32Array, skipPadding: boolean) => number[]
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

/** A model before it is on a device. */
interface Model extends Pick<Classifier, 'context' | 'vocabulary' | 'reads'> {
  /** How many positions its head reads. */
  readCount: number
  /** Sequences of one pass. */
  sequences: number
  /** How a device takes sequences, and whether shorter ones are padded for that. */
  packing: (target: Target) => { createPacking: () => Packing; padded: boolean }
  start: (target: Target, threads: number) => WorkerStart
}

function decoderModel(folder: ModelFolder): Model {
  const model = readClassifierConfig(folder)
  const { decoder, head } = model
  return {
    context: decoder.context,
    vocabulary: decoder.vocabulary,
    reads: (ids, skipPadding) => head.reads(ids, skipPadding ? decoder.padToken : null),
    readCount: head.count,
    sequences: batchSequences,
    packing: (target) =>
      isPaged(target)
        ? { createPacking: () => createPaging(pageSize(decoder.headSize)), padded: false }
        : { createPacking, padded: true },
    start(target, threads) {
      const { decoder: _, width: __, ...session } = buildClassifier(folder, model, target)
      return {
        kind: 'decoder',
        session: { ...session, threads },
        rotations: rotationsOf(decoder),
        shape: decoder,
        tokenBytes: null,
      }
    },
  }
}

/** What it reads of a sequence, such a graph knows itself; it computes one at a time. */
function readyMadeModel(folder: ModelFolder, file: string): Model {
  const firstEnds = takesPairs(folder) ? firstEndsOf(folder) : null
  return {
    ...readReadyMadeConfig(folder),
    reads: () => [0],
    readCount: 1,
    sequences: 1,
    packing: () => ({ createPacking, padded: false }),
    start: (target, threads) => ({
      kind: 'ready-made',
      graph: { file, firstEnds },
      target,
      threads,
    }),
  }
}

/** Logits per sequence; a ready-made graph tells them only by giving them. */
async function widthOf(
  device: Device | undefined,
  packing: Packing,
  reads: number,
  path: string,
): Promise<number> {
  packing.add({ ids: Int32Array.of(0, 0), reads: Array<number>(reads).fill(1) })
  try {
    return (await device?.run(packing.build()))?.logits.length ?? 0
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new InferenceError('model', `${path} cannot score anything: ${reason}`, { cause })
  }
}

/** Throws an `InferenceError` when the folder's parts do not fit together or cannot be loaded. */
export async function loadClassifier(
  folder: ModelFolder,
  options: ClassifierOptions,
): Promise<Classifier> {
  const { devices: names = ['cpu'], dtype = 'auto', log = nothing, events = {} } = options
  const threads = cpuThreads(options.threads)
  const model = folder.graph === null ? decoderModel(folder) : readyMadeModel(folder, folder.graph)
  const { context, vocabulary, reads, readCount } = model
  // A device that was tried and not chosen changes its state before there is one.
  let line: ReturnType<typeof createScorer> | undefined
  const opened = await openDevices({
    folder,
    choice: { devices: names, dtype },
    reads: readCount,
    start: (target) => startWorker(model.start(target, threads), folder.path),
    createPacking: (target) => model.packing(target).createPacking(),
    onState(device, ...change) {
      line?.dispatch()
      events.onDevice?.(device, ...change)
      tellState(device, log)(...change)
    },
    log,
  })
  const { devices, target } = opened
  const tokens = options.batchTokens ?? batchTokens[target.provider === 'cpu' ? 'cpu' : 'gpu']
  const packing = model.packing(target)
  const batching = { tokens, sequences: options.exact === true ? 1 : model.sequences, ...packing }
  const scorer = createScorer({ devices, batching, maxWaiting, events })
  line = scorer
  const close = async () => void (await Promise.all(devices.map((device) => device.close())))
  try {
    const width = await widthOf(devices[0], packing.createPacking(), readCount, folder.path)
    return {
      context,
      vocabulary,
      reads,
      width,
      target,
      maxWaiting,
      limits: batching,
      devices,
      score: scorer.score,
      waiting: scorer.waiting,
      state: () =>
        states.find((state) => devices.some((device) => device.state() === state)) ?? 'ended',
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
