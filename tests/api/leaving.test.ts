/** Who leaves a Worker, over real HTTP. */
import { connect } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Position } from '../../shared/tpo.ts'
import { bundleWorker } from '../fixtures/worker-bundle.ts'
import { type House, cursorKey, openHouse } from './house.ts'
import { startWorkerd, type Workerd } from './workerd-process.ts'

let house: House
let worker: Workerd
beforeAll(async () => {
  house = await openHouse()
  worker = await startWorkerd(await bundleWorker(), {
    TPO_CURSOR_KEYS: cursorKey(1),
    TPO_POLICY_BASE_URL: house.policy.url,
    TPO_REWARD_BASE_URL: house.reward.url,
    TPO_KEY_CONCURRENCY: '1',
  })
}, 120_000)
afterAll(async () => {
  await Promise.all([house.close(), worker?.close()])
})
beforeEach(() => house.policy.behave({}))

const post = (path: string, body: unknown) =>
  fetch(new URL(path, worker.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

/** The same as soon as nothing else is under way. */
async function postNext(path: string, body: unknown): Promise<Response> {
  let answer: Response
  do answer = await post(path, body)
  while (answer.status === 429)
  return answer
}

/** Asks for a step over a connection of its own, which is cut once the policy was asked. */
async function askAndLeave(cursor: string, accept: string): Promise<void> {
  const body = JSON.stringify({ cursor })
  const socket = connect(Number(worker.url.port), worker.url.hostname)
  const asked = house.policy.asked()
  const head = [
    'POST /v1/tpo/step HTTP/1.1',
    `Host: ${worker.url.host}`,
    `Accept: ${accept}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  await asked
  socket.resetAndDestroy()
}

test.each(['application/json', 'text/event-stream'])(
  'a connection that breaks ends the work upstream, and leaves nothing behind (%s)',
  async (accept) => {
    const started = await postNext('/v1/tpo/start', { query: 'Q', samples: 2 })
    const { cursor } = Position.parse(await started.json())
    house.policy.behave({ midStream: 'trickle' })
    const left = house.policy.abandoned()
    await askAndLeave(cursor, accept)
    await expect(left).resolves.toBeUndefined()
    house.policy.behave({})
    // The one request that may be under way is free again, and so is the claim on the step.
    const again = await postNext('/v1/tpo/step', { cursor })
    expect([again.status, again.headers.get('idempotency-replayed')]).toEqual([200, null])
    expect(house.policy.requests).toHaveLength(1)
  },
)
