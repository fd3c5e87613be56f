/** The thread that runs one model. */
import { parentPort, workerData } from 'node:worker_threads'
import { causalModel } from './causal.ts'
import { classify } from './classifier.ts'
import { generate, type GenerationRequest } from './generate.ts'
import type { FromWorker, ToWorker, WorkerStart } from './messages.ts'
import { createSession, type InferenceSession } from './ort.ts'
import { createRope } from './rope.ts'

const start: WorkerStart = workerData
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
const post = (message: FromWorker) => parentPort?.postMessage(message)
const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

function serve(session: InferenceSession): void {
  const rope = createRope(start.rotations)
  const model = causalModel(session, rope, start.shape)
  const running = new Set<number>()

  const logits = async (ids: Int32Array, position: number) =>
    start.head === 'classifier'
      ? classify(session, rope, ids, position)
      : model.logits(ids, Int32Array.of(position))

  const answer = async (id: number, request: GenerationRequest) => {
    if (start.tokenBytes === null) throw new Error('a classifier writes no text')
    const isStopped = () => !running.has(id)
    running.add(id)
    for await (const deltas of generate(model, start.tokenBytes, request, isStopped)) {
      post({ type: 'deltas', id, deltas })
    }
    running.delete(id)
    post({ type: 'finished', id })
  }

  parentPort?.on('message', (message: ToWorker) => {
    // Between two runs: a thread that is ended inside ONNX Runtime takes the process with it.
    if (message.type === 'close') process.exit()
    const failed = (error: unknown) =>
      post({ type: 'failed', id: message.id, reason: reasonOf(error) })
    if (message.type === 'stop') {
      running.delete(message.id)
    } else if (message.type === 'generate') {
      answer(message.id, message.request).catch(failed)
    } else {
      logits(message.ids, message.position)
        .then((logits) => post({ type: 'logits', id: message.id, logits }))
        .catch(failed)
    }
  })
}

try {
  serve(await createSession(start.session))
  post({ type: 'loaded' })
} catch (error) {
  post({ type: 'load_failed', reason: reasonOf(error) })
}
