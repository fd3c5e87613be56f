/** Random requests, one after another, each of which has to be answered as it should be. */
import { deepEqual } from 'node:assert/strict'
import { Agent } from 'node:http'
import * as fc from 'fast-check'
import { requests, type Target } from './requests.ts'
import { type Received, type Sent, send, told } from './wire.ts'

export interface Walk {
  url: string
  targets: readonly Target[]
  count: number
  /** Throws where an answer is not as it should be. */
  expectWell: (sent: Sent, received: Received) => void
  /** Where the service tells its own faults; stays empty. */
  faults: readonly unknown[]
}

/** What was seen: each path, with whether it was answered well (`true`) or refused (`false`). */
export async function walk({ url, targets, count, expectWell, faults }: Walk) {
  const agent = new Agent({ keepAlive: true })
  const seen = new Set<string>()
  const all = requests({ targets, authorizations: fc.constantFrom('', 'Bearer x') })
  await fc.assert(
    fc.asyncProperty(all, async (sent) => {
      const received = await send(url, sent, agent)
      try {
        expectWell(sent, received)
        deepEqual(faults, [])
      } catch (cause) {
        throw new Error(told(sent, received), { cause })
      }
      seen.add(`${sent.path} ${received.status < 400}`)
    }),
    { numRuns: count },
  )
  agent.destroy()
  return seen
}
