/** The process that runs one model: what goes wrong in native code ends it, and not the service. */
import { pageSize } from '../graph/attention/paged.ts'
import { causalModel } from '../generation/causal.ts'
import { generate, type GenerationRequest } from '../generation/generate.ts'
import type { DecoderStart, FromWorker, ReadyMadeStart, ToWorker } from './messages.ts'
import { createSession } from './ort.ts'
import { createRope } from './rope.ts'
import { score } from '../scoring/forward.ts'
import { loadReadyMade } from '../scoring/ready-made.ts'

/** Who asked may be gone; then this process ends, and nobody waits for the message. */
const post = (message: FromWorker) => void process.send?.(message, () => undefined)
const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

type Serve = (message: ToWorker) => Promise<FromWorker | undefined>

/** A pass of which the seconds are told. */
async function timed(id: number, pass: () => Promise<Float32Array>): Promise<FromWorker> {
  const began = performance.now()
  const logits = await pass()
  return { type: 'scored', id, logits, seconds: (performance.now() - began) / 1000 }
}

let before: Promise<unknown> = Promise.resolve()
/** Two passes at once would share cores and caches, and both be late. */
function inTurn<T>(pass: () => Promise<T>): Promise<T> {
  const passed = before.then(pass)
  before = passed.catch(() => undefined)
  return passed
}

async function loadGraph({ graph, target, threads }: ReadyMadeStart): Promise<Serve> {
  const scoreAll = await loadReadyMade(graph, target, threads)
  return async (message) => {
    if (message.type === 'score') {
      return inTurn(() => timed(message.id, () => scoreAll(message.batch)))
    }
    throw new Error('a ready-made graph only scores')
  }
}

async function loadDecoder(start: DecoderStart): Promise<Serve> {
  const session = await createSession(start.session)
  const rope = createRope(start.rotations)
  const model = causalModel(session, rope, start.shape)
  const cache = { ...start.shape, pageSize: pageSize(start.shape.headSize) }
  const running = new Set<number>()

  const write = async (id: number, request: GenerationRequest) => {
    if (start.tokenBytes === null) throw new Error('a classifier writes no text')
    const isStopped = () => !running.has(id)
    running.add(id)
    for await (const deltas of generate(model, start.tokenBytes, request, isStopped)) {
      post({ type: 'deltas', id, deltas })
    }
    running.delete(id)
  }

  return async (message) => {
    switch (message.type) {
      case 'score':
        return inTurn(() => timed(message.id, () => score(session, rope, cache, message.batch)))
      case 'logits': {
        const logits = await model.logits(message.ids, Int32Array.of(message.position))
        return { type: 'logits', id: message.id, logits }
      }
      case 'generate':
        await write(message.id, message.request)
        return { type: 'finished', id: message.id }
      case 'stop':
        running.delete(message.id)
        return undefined
      case 'start':
        throw new Error('a model is loaded already')
    }
  }
}

let serve: Promise<Serve> | undefined

process.on('message', async (message: ToWorker) => {
  if (message.type === 'start') {
    const { start } = message
    serve = start.kind === 'decoder' ? loadDecoder(start) : loadGraph(start)
    await serve.then(
      () => post({ type: 'loaded' }),
      (error: unknown) => post({ type: 'load_failed', reason: reasonOf(error) }),
    )
    return
  }
  try {
    const answer = await (await serve)?.(message)
    if (answer !== undefined) post(answer)
  } catch (error) {
    post({ type: 'failed', id: message.id, reason: reasonOf(error) })
  }
})

// The service that started it decides when it ends: a Ctrl-C reaches both, and work is in hand.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)
process.on('disconnect', () => process.exit())
