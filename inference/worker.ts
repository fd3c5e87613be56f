/** The process that runs one model: what goes wrong in native code ends it, and not the service. */
import { pageSize } from './attention/paged.ts'
import { causalModel } from './causal.ts'
import { score } from './scoring/forward.ts'
import type { PackedBatch } from './scoring/packing.ts'
import { generate, type GenerationRequest } from './generate.ts'
import type { FromWorker, ToWorker, WorkerStart } from './messages.ts'
import { createSession } from './ort.ts'
import { createRope } from './rope.ts'

const post = (message: FromWorker) => void process.send?.(message)
const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))

type Serve = (message: ToWorker) => Promise<FromWorker | undefined>

async function load(start: WorkerStart): Promise<Serve> {
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

  const timed = async (batch: PackedBatch) => {
    const began = performance.now()
    const logits = await score(session, rope, cache, batch)
    return { logits, seconds: (performance.now() - began) / 1000 }
  }
  let before: Promise<unknown> = Promise.resolve()
  /** Two at once would share cores and caches, and both be late. */
  const scoreInTurn = (batch: PackedBatch) => {
    const scored = before.then(() => timed(batch))
    before = scored.catch(() => undefined)
    return scored
  }

  return async (message) => {
    switch (message.type) {
      case 'score': {
        const { logits, seconds } = await scoreInTurn(message.batch)
        return { type: 'scored', id: message.id, logits, seconds }
      }
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
    serve = load(message.start)
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
