/** A model that runs in its own thread, as the main thread sees it. */
import './telemetry.ts'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import { buildModel } from './build.ts'
import {
  architecturesWith,
  type GenerationDefaults,
  type Head,
  readGenerationDefaults,
} from './config.ts'
import type { Decoder } from './decoder.ts'
import { readTokenBytes } from './detokenizer.ts'
import { InferenceError } from './errors.ts'
import type { ModelFolder } from './folder.ts'
import type { AnswerDelta, GenerationRequest } from './generate.ts'
import type { FromWorker, ToWorker, WorkerStart } from './messages.ts'
import { rotationsOf } from './rope.ts'

export interface LoadOptions {
  /** What the model must be able to do. */
  head: Head
  /** CPU threads; by default all cores, and no more than 16. */
  threads?: number
}

export interface ModelSession {
  /** Under which the model is served, as its folder has it. */
  name: string
  decoder: Decoder
  generation: GenerationDefaults
  /** Logits per position. */
  width: number
  /** False once the thread has died; every call then fails. */
  alive: () => boolean
  /** Logits [width] at one position of a sequence. */
  logits: (ids: Int32Array, position: number) => Promise<Float32Array>
  /**
   * Yields what the answers gain, step by step. Aborting the signal, or leaving the iteration,
   * stops the model within one token; the iteration ends when it has stopped.
   */
  generate: (
    request: GenerationRequest,
    signal?: AbortSignal,
  ) => AsyncGenerator<AnswerDelta[], void, undefined>
  /** Ends the thread after the run it is in; what still waits fails. */
  close: () => Promise<void>
}

/** Threads past this number cost more than they bring to one short sequence. */
const maxDefaultThreads = 16

/** Throws an `InferenceError` when the folder's parts do not fit together or cannot be loaded. */
export async function loadModel(folder: ModelFolder, options: LoadOptions): Promise<ModelSession> {
  const built = buildModel(folder)
  if (built.head !== options.head) {
    throw new InferenceError(
      'model',
      `${folder.path} holds a ${built.head} model, needed is a ${options.head} one (${architecturesWith(options.head)})`,
    )
  }
  const { decoder, width, head } = built
  const generation = readGenerationDefaults(folder, decoder)
  const start: WorkerStart = {
    head,
    session: {
      onnx: built.onnx,
      directory: built.directory,
      mapped: built.mapped,
      threads: options.threads ?? Math.min(availableParallelism(), maxDefaultThreads),
    },
    rotations: rotationsOf(decoder),
    shape: decoder,
    tokenBytes: head === 'causal' ? readTokenBytes(folder) : null,
  }
  // The built package holds .js where the sources hold .ts.
  const entry = new URL(`./worker${extname(import.meta.url)}`, import.meta.url)
  const worker = new Worker(entry, { workerData: start })
  await loaded(worker, folder)
  return { name: folder.name, decoder, generation, width, ...handle(worker, folder.name) }
}

async function loaded(worker: Worker, folder: ModelFolder): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const fail = (reason: string) =>
    reject(new InferenceError('model', `${folder.path} cannot be loaded: ${reason}`))
  const onMessage = (message: FromWorker) =>
    message.type === 'load_failed' ? fail(message.reason) : resolve()
  const onError = (error: unknown) => fail(String(error))
  const onExit = () => fail('its thread ended')
  worker.once('message', onMessage).once('error', onError).once('exit', onExit)
  try {
    await promise
  } catch (error) {
    await worker.terminate()
    throw error
  } finally {
    worker.off('message', onMessage).off('error', onError).off('exit', onExit)
  }
}

/** Waits for the messages to one request. */
interface Pending {
  receive: (message: FromWorker) => void
  fail: (error: InferenceError) => void
}

function handle(
  worker: Worker,
  name: string,
): Pick<ModelSession, 'alive' | 'logits' | 'generate' | 'close'> {
  const pending = new Map<number, Pending>()
  let nextId = 0
  let death: InferenceError | null = null

  const die = (reason: string) => {
    death ??= new InferenceError(
      'worker',
      `the thread of ${name} has ended (${reason}); restart the service`,
    )
    for (const { fail } of pending.values()) fail(death)
    pending.clear()
  }
  worker.on('error', (error: unknown) =>
    die(error instanceof Error ? error.message : String(error)),
  )
  worker.on('exit', () => die('it was closed'))
  worker.on('message', (message: FromWorker) => {
    if ('id' in message) pending.get(message.id)?.receive(message)
  })

  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  const post = (message: ToWorker) => worker.postMessage(message)
  const send = (message: Extract<ToWorker, { id: number }>, waiting: Pending) => {
    if (death !== null) throw death
    pending.set(message.id, waiting)
    post(message)
  }
  const failure = (reason: string) =>
    new InferenceError('worker', `${name} could not compute this: ${reason}`)

  return {
    alive: () => death === null,

    async logits(ids, position) {
      const id = nextId++
      const { promise, resolve, reject } = Promise.withResolvers<Float32Array>()
      const receive = (message: FromWorker) => {
        if (message.type === 'logits') resolve(message.logits)
        if (message.type === 'failed') reject(failure(message.reason))
      }
      send({ type: 'logits', id, ids, position }, { receive, fail: reject })
      return promise.finally(() => pending.delete(id))
    },

    async *generate(request, signal) {
      signal?.throwIfAborted()
      const id = nextId++
      const stopped = Promise.withResolvers<void>()
      let reading = true
      const deltas = new ReadableStream<AnswerDelta[]>({
        start(controller) {
          const fail = (error: InferenceError) => {
            if (reading) controller.error(error)
            stopped.resolve()
          }
          const receive = (message: FromWorker) => {
            if (message.type === 'deltas' && reading) controller.enqueue(message.deltas)
            if (message.type === 'failed') fail(failure(message.reason))
            if (message.type !== 'finished') return
            if (reading) controller.close()
            stopped.resolve()
          }
          send({ type: 'generate', id, request }, { receive, fail })
        },
        cancel() {
          reading = false
        },
      })
      const stop = () => post({ type: 'stop', id })
      signal?.addEventListener('abort', stop, { once: true })
      try {
        for await (const step of deltas) {
          signal?.throwIfAborted()
          yield step
        }
        signal?.throwIfAborted()
      } finally {
        signal?.removeEventListener('abort', stop)
        stop()
        await stopped.promise
        pending.delete(id)
      }
    },

    async close() {
      if (death !== null) return
      const exited = once(worker, 'exit')
      post({ type: 'close' })
      await exited
    },
  }
}
