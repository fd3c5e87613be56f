/**
 * The replay store of many processes, in Redis 6 or newer (or Valkey). One string per key: `claim:`
 * and its owner, or `answer:` and the answer, with Redis' own expiry. Each change is one script,
 * so it is atomic.
 */
import { createClient } from '@redis/client'
import { SettingsError } from '../../shared/settings.ts'
import { addressOf } from '../upstream.ts'
import type { ReplayStore } from './store.ts'

const claimScript = `
local held = redis.call('GET', KEYS[1])
if held and held ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`

const completeScript = `
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 1, 7) == 'answer:' then return held end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]`

const releaseScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0`

const prefix = 'tpo:replay:'
const patienceMs = 5000

export interface RedisStore extends ReplayStore {
  close: () => Promise<void>
}

/**
 * Connects to redis:// or rediss://, and again whenever the connection breaks; until then every
 * call rejects at once. Throws a `SettingsError` when it cannot be reached now.
 */
export async function connectRedisStore(url: string): Promise<RedisStore> {
  let connected = false
  const client = createClient({
    url,
    disableOfflineQueue: true,
    commandOptions: { timeout: patienceMs },
    socket: {
      connectTimeout: patienceMs,
      reconnectStrategy: (retries, cause) =>
        connected ? Math.min(50 * 2 ** retries, 2000) : cause,
    },
  })
  // Each call that meets the trouble tells of it.
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new SettingsError(
      `TPO_REPLAY_URL: no Redis answers at ${addressOf(url, undefined).host} (${reason}); start it, or leave the setting out`,
      { cause },
    )
  }
  connected = true

  const run = (script: string, key: string, ...values: string[]) =>
    client.eval(script, { keys: [prefix + key], arguments: values })

  return {
    claim: async (key, owner, lease) =>
      (await run(claimScript, key, claimOf(owner), String(lease))) === 1,
    async complete(key, answer, lifetime) {
      const standing = await run(completeScript, key, `answer:${answer}`, String(lifetime))
      return answerIn(standing) ?? answer
    },
    async release(key, owner) {
      await run(releaseScript, key, claimOf(owner))
    },
    read: async (key) => answerIn(await client.get(prefix + key)),
    close: () => client.close(),
  }
}

const claimOf = (owner: string) => `claim:${owner}`

const answerIn = (held: unknown): string | undefined =>
  typeof held === 'string' && held.startsWith('answer:') ? held.slice('answer:'.length) : undefined
