/** A causal model that runs in a process of its own: chats in, text out. */
import { buildPolicy } from '../graph/build.ts'
import { type ChatText, readChatText } from '../text/chat-text.ts'
import { type GenerationDefaults, readGenerationDefaults } from '../model/config.ts'
import type { Decoder } from '../model/decoder.ts'
import { readTokenBytes } from './detokenizer.ts'
import { InferenceError } from '../errors.ts'
import { readModelFolder } from '../model/folder.ts'
import type { AnswerDelta, GenerationRequest } from './generate.ts'
import {
  type LastingWorker,
  type OnWorkerState,
  startLastingWorker,
  type WorkerState,
} from '../runtime/lasting-worker.ts'
import type { FromWorker } from '../runtime/messages.ts'
import { rotationsOf } from '../runtime/rope.ts'
import { cpu } from '../runtime/target.ts'
import { cpuThreads } from '../runtime/threads.ts'
import { startWorker } from '../runtime/worker-process.ts'

export interface Policy extends ChatText {
  /** Under which the model is served, as its folder has it. */
  name: string
  decoder: Decoder
  generation: GenerationDefaults
  /** While its process is started again, every call fails with an error of fault `ended`. */
  state: () => WorkerState
  /** Logits [vocabulary] at one position of a sequence. */
  logits: (ids: Int32Array, position: number) => Promise<Float32Array>
  /**
   * Yields what the answers gain, step by step. Aborting the signal, or leaving the iteration,
   * stops the model within one token; the iteration ends when it has stopped. `onDeltas` hears of
   * the same when the model gives it, however late it is read.
   */
  generate: (
    request: GenerationRequest,
    signal?: AbortSignal,
    onDeltas?: (deltas: readonly AnswerDelta[]) => void,
  ) => AsyncGenerator<AnswerDelta[], void, undefined>
  close: () => Promise<void>
}

export interface PolicyOptions {
  /** CPU threads. */
  threads?: number | undefined
  onState?: OnWorkerState
}

/** Throws an `InferenceError` when the folder cannot be read or loaded, or has no chat template. */
export async function loadPolicy(path: string, options: PolicyOptions = {}): Promise<Policy> {
  const folder = await readModelFolder(path)
  const text = readChatText(folder)
  const { decoder, ...source } = buildPolicy(folder, cpu)
  const generation = readGenerationDefaults(folder, decoder)
  const tokenBytes = readTokenBytes(folder)
  const start = () =>
    startWorker(
      {
        kind: 'decoder',
        session: { ...source, threads: cpuThreads(options.threads) },
        rotations: rotationsOf(decoder),
        shape: decoder,
        tokenBytes,
      },
      folder.path,
    )
  const worker = await startLastingWorker(start, options.onState ?? (() => undefined))
  return { ...text, name: folder.name, decoder, generation, ...methods(worker, folder.name) }
}

function methods(
  { current, state, close }: LastingWorker,
  name: string,
): Pick<Policy, 'state' | 'logits' | 'generate' | 'close'> {
  const failure = (reason: string) =>
    new InferenceError('worker', `${name} could not compute this: ${reason}`)

  return {
    state,
    close,

    async logits(ids, position) {
      const worker = current()
      const id = worker.nextId()
      const { promise, resolve, reject } = Promise.withResolvers<Float32Array>()
      const receive = (message: FromWorker) => {
        if (message.type === 'logits') resolve(message.logits)
        if (message.type === 'failed') reject(failure(message.reason))
      }
      worker.ask({ type: 'logits', id, ids, position }, { receive, fail: reject })
      return promise.finally(() => worker.forget(id))
    },

    async *generate(request, signal, onDeltas) {
      signal?.throwIfAborted()
      const worker = current()
      const id = worker.nextId()
      const stopped = Promise.withResolvers<void>()
      let reading = true
      const deltas = new ReadableStream<AnswerDelta[]>({
        start(controller) {
          const fail = (error: InferenceError) => {
            if (reading) controller.error(error)
            stopped.resolve()
          }
          const receive = (message: FromWorker) => {
            if (message.type === 'deltas' && reading) {
              onDeltas?.(message.deltas)
              controller.enqueue(message.deltas)
            }
            if (message.type === 'failed') fail(failure(message.reason))
            if (message.type !== 'finished') return
            if (reading) controller.close()
            stopped.resolve()
          }
          worker.ask({ type: 'generate', id, request }, { receive, fail })
        },
        cancel() {
          reading = false
        },
      })
      const stop = () => worker.tell({ type: 'stop', id })
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
        worker.forget(id)
      }
    },
  }
}
