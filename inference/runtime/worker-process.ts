/** A process that runs a model, as the service that started it sees it. */
import './telemetry.ts'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { extname } from 'node:path'
import { InferenceError } from '../errors.ts'
import type { FromWorker, ToWorker, WorkerStart } from './messages.ts'

/** Waits for the messages to one request. */
export interface Waiting {
  receive: (message: FromWorker) => void
  fail: (error: InferenceError) => void
}

export interface WorkerProcess {
  /** Resolves with the reason once the process is gone. */
  ended: Promise<InferenceError>
  /** An id for a request's messages. */
  nextId: () => number
  /** Sends a request; `waiting` hears of it until `forget`. Throws when the process is gone. */
  ask: (message: Extract<ToWorker, { id: number }>, waiting: Waiting) => void
  tell: (message: Extract<ToWorker, { id: number }>) => void
  forget: (id: number) => void
  /** Ends the process; what still waits fails. */
  close: () => Promise<void>
}

/** Throws an `InferenceError` when the model cannot be loaded; `name` is for messages. */
export async function startWorker(start: WorkerStart, name: string): Promise<WorkerProcess> {
  // The built package holds .js where the sources hold .ts.
  const entry = new URL(`./worker${extname(import.meta.url)}`, import.meta.url)
  const child = fork(entry, { serialization: 'advanced', stdio: ['ignore', 'ignore', 2, 'ipc'] })
  await loaded(child, start, name)

  const requests = new Map<number, Waiting>()
  const end = Promise.withResolvers<InferenceError>()
  let lastId = 0
  let death: InferenceError | undefined

  const die = (reason: string) => {
    if (death !== undefined) return
    death = new InferenceError('ended', `the process of ${name} has ended (${reason})`)
    for (const { fail } of requests.values()) fail(death)
    requests.clear()
    end.resolve(death)
  }
  child.on('exit', (code, signal) => die(signal ?? `exit code ${code}`))
  child.on('message', (message: FromWorker) => {
    if ('id' in message) requests.get(message.id)?.receive(message)
  })
  const tell = (message: ToWorker) => {
    // It may have died a moment before its exit is told: then `die` fails what waits.
    if (child.connected) child.send(message, () => undefined)
  }

  return {
    ended: end.promise,
    nextId: () => ++lastId,
    ask(message, waiting) {
      if (death !== undefined) throw death
      requests.set(message.id, waiting)
      tell(message)
    },
    tell,
    forget: (id) => void requests.delete(id),
    async close() {
      if (death !== undefined) return
      const exited = once(child, 'exit')
      die('it was closed')
      // Between two runs it sees the end of the channel; inside a long one it need not be awaited.
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** Without the place in ONNX Runtime's sources at which it came up. */
const plain = (reason: string) => reason.replace(/^\S*onnxruntime_src.* was false\. /s, '').trim()

async function loaded(child: ChildProcess, start: WorkerStart, name: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const fail = (reason: string) =>
    reject(new InferenceError('model', `${name} cannot be loaded: ${plain(reason)}`))
  const onMessage = (message: FromWorker) =>
    message.type === 'load_failed' ? fail(message.reason) : resolve()
  const onError = (error: Error) => fail(error.message)
  const onExit = (code: number | null, signal: string | null) =>
    fail(`its process ended (${signal ?? `exit code ${code}`})`)
  child.once('message', onMessage).once('error', onError).once('exit', onExit)
  try {
    child.send({ type: 'start', start } satisfies ToWorker, () => undefined)
    await promise
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  } finally {
    child.off('message', onMessage).off('error', onError).off('exit', onExit)
  }
}
