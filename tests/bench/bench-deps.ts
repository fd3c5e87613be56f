import type { AppDeps } from '../../api/app.ts'
import { dependencies } from '../../api/dependencies.ts'
import { createMemoryStore } from '../../api/replay/memory.ts'
import { cursorNatives } from '../../host/cursor-natives.ts'
import { resolveSettings } from '../../shared/settings.ts'
import { faultLog } from '../fakes/fault-log.ts'

interface Servers {
  policy: string
  reward: string
}

/** The parts of an API as a process of Node has them, that keeps so many bytes of answers in memory. */
export const benchDeps = ({ policy, reward }: Servers, storeBytes: number): AppDeps =>
  dependencies(resolveSettings({ flags: { policy_base_url: policy, reward_base_url: reward } }), {
    cursorKeys: [Buffer.alloc(32, 1).toString('base64url')],
    natives: cursorNatives,
    store: createMemoryStore({ bytes: storeBytes, clock: Date.now }),
    shared: true,
    log: faultLog([]),
  })
