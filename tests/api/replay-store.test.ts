import { afterAll, describe, expect, test } from 'vitest'
import { createMemoryStore } from '../../api/replay/memory.ts'
import { connectRedisStore } from '../../api/replay/redis.ts'
import { hasRedis, startRedis } from './redis-server.ts'
import { replayContract } from './replay-contract.ts'

replayContract('memory', async () => createMemoryStore({ bytes: 2 ** 25, clock: Date.now }))

describe.skipIf(!hasRedis)('redis', () => {
  const closing: (() => Promise<void>)[] = []
  afterAll(async () => {
    for (const close of closing.toReversed()) await close()
  })
  replayContract('through a real server', async () => {
    const server = await startRedis()
    const store = await connectRedisStore(server.url)
    closing.push(server.stop, store.close)
    return store
  })

  test('a server that goes away: every call rejects at once, and works when it is back', async () => {
    const server = await startRedis()
    const store = await connectRedisStore(server.url)
    await store.complete('key', 'answer', 60_000)
    await server.stop()
    await expect(store.read('key')).rejects.toThrow(/closed|offline/i)
    await expect(store.claim('key', 'a', 60_000)).rejects.toThrow(/closed|offline/i)
    const again = await startRedis(server.port)
    closing.push(again.stop, store.close)
    await expect
      .poll(() => store.claim('key', 'a', 60_000).catch(() => 'not yet'), { timeout: 10_000 })
      .toBe(true)
  })
})

test('no Redis at the address: one line that names the setting and no password', async () => {
  const reach = connectRedisStore('redis://user:secret@127.0.0.1:9')
  await expect(reach).rejects.toThrow(
    /^TPO_REPLAY_URL: no Redis answers at 127\.0\.0\.1:9 \([^\n]*$/,
  )
  await expect(reach).rejects.not.toThrow(/secret/)
})

describe('memory is bounded', () => {
  const kilobyte = 'x'.repeat(512)

  test('what was asked for least lately goes first', async () => {
    const store = createMemoryStore({ bytes: 4200, clock: () => 0 })
    for (const key of ['a', 'b', 'c']) await store.complete(key, kilobyte, 1000)
    await store.read('a')
    await store.complete('d', kilobyte, 1000)
    const left = await Promise.all(['a', 'b', 'c', 'd'].map((key) => store.read(key)))
    expect(left.map((answer) => answer !== undefined)).toEqual([true, false, true, true])
  })

  test('an answer larger than all of it is given and not kept, and pushes nothing out', async () => {
    const store = createMemoryStore({ bytes: 4200, clock: () => 0 })
    await store.complete('a', kilobyte, 1000)
    const large = 'x'.repeat(5000)
    await store.claim('large', 'me', 1000)
    expect(await store.complete('large', large, 1000)).toBe(large)
    expect(await store.read('large')).toBeUndefined()
    expect(await store.claim('large', 'another', 1000)).toBe(true)
    expect(await store.read('a')).toBe(kilobyte)
  })

  test('an answer that is over gives its room back', async () => {
    let now = 0
    const store = createMemoryStore({ bytes: 2600, clock: () => now })
    await store.complete('a', kilobyte, 10)
    await store.complete('b', kilobyte, 1000)
    now = 10
    expect(await store.read('a')).toBeUndefined()
    await store.complete('c', kilobyte, 1000)
    expect([await store.read('b'), await store.read('c')]).toEqual([kilobyte, kilobyte])
  })
})
