import type { Settings } from '../../shared/settings.ts'
import { createMemoryStore } from './memory.ts'
import type { ReplayStore } from './store.ts'

/** The replay store that the settings ask for, on Node. Throws a `SettingsError`. */
export async function replayStore(settings: Settings): Promise<ReplayStore> {
  const { replay_url, replay_megabytes } = settings
  if (replay_url === undefined) {
    return createMemoryStore({ bytes: replay_megabytes * 1024 ** 2, clock: Date.now })
  }
  // Only who uses Redis loads its client.
  const { connectRedisStore } = await import('./redis.ts')
  return connectRedisStore(replay_url)
}
