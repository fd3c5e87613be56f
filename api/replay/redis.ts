/**
 * The replay store of many processes, in Redis 6 or newer (or Valkey). One string per key: `claim:`
 * and its owner, or `answer:` and the answer, with Redis' own expiry. Each change is one script,
 * so it is atomic.
 */
import { connectRedis } from '../redis.ts'
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

export interface RedisStore extends ReplayStore {
  close: () => Promise<void>
}

/** On a connection that is made again whenever it breaks; until then every call rejects at once. Throws a `SettingsError`. */
export async function connectRedisStore(url: string): Promise<RedisStore> {
  const client = await connectRedis({ url, setting: 'TPO_REPLAY_URL' })
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
