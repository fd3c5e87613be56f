/** What every replay store must do, whichever it is: see api/replay/store.ts. */
import { beforeAll, describe, expect, test } from 'vitest'
import type { ReplayStore } from '../../api/replay/store.ts'

const minute = 60_000

/** Tests of one kind of store; keys are new each time, so it may keep what it holds. */
export function replayContract(name: string, open: () => Promise<ReplayStore>): void {
  describe(`${name} as a replay store`, () => {
    let store: ReplayStore
    beforeAll(async () => {
      store = await open()
    })
    const newKey = () => `step:${crypto.randomUUID()}`

    test('a claim is one owner’s, and his to renew', async () => {
      const key = newKey()
      const owners = Array.from({ length: 20 }, (_, index) => `owner ${index}`)
      const claims = await Promise.all(owners.map((owner) => store.claim(key, owner, minute)))
      expect(claims.filter(Boolean)).toHaveLength(1)
      const winner = owners[claims.indexOf(true)] ?? ''
      expect(await store.claim(key, winner, minute)).toBe(true)
      expect(await store.claim(key, 'another', minute)).toBe(false)
      expect(await store.read(key)).toBeUndefined()
    })

    test('an answer ends the claim, stands byte for byte, and nobody claims its key', async () => {
      const key = newKey()
      await store.claim(key, 'a', minute)
      const answer = '{"text":"Größe 🌍\\u0000 \u2028","n":0.1}'
      expect(await store.complete(key, answer, minute)).toBe(answer)
      expect(await store.read(key)).toBe(answer)
      expect(await store.claim(key, 'a', minute)).toBe(false)
      expect(await store.claim(key, 'b', minute)).toBe(false)
    })

    test('an answer of 3 million characters', async () => {
      const key = newKey()
      const answer = 'é🌍 x'.repeat(600_000)
      await store.complete(key, answer, minute)
      expect((await store.read(key)) === answer).toBe(true)
    })

    test('released by its owner, a key is free; another cannot release it', async () => {
      const key = newKey()
      await store.claim(key, 'a', minute)
      await store.release(key, 'b')
      expect(await store.claim(key, 'b', minute)).toBe(false)
      await store.release(key, 'a')
      expect(await store.claim(key, 'b', minute)).toBe(true)
    })

    test('a release does not touch an answer', async () => {
      const key = newKey()
      await store.claim(key, 'a', minute)
      await store.complete(key, 'answer', minute)
      await store.release(key, 'a')
      expect(await store.read(key)).toBe('answer')
    })

    test('a claim ends with its lease; of two who then answer the first one stands', async () => {
      const key = newKey()
      await store.claim(key, 'dead', 30)
      await expect.poll(() => store.claim(key, 'heir', minute)).toBe(true)
      expect(await store.claim(key, 'dead', minute)).toBe(false)
      expect(await store.complete(key, 'from the dead', minute)).toBe('from the dead')
      expect(await store.complete(key, 'from the heir', minute)).toBe('from the dead')
      expect(await store.read(key)).toBe('from the dead')
    })

    test('an answer ends with its lifetime; its key is then free', async () => {
      const key = newKey()
      await store.complete(key, 'answer', 30)
      await expect.poll(() => store.read(key)).toBeUndefined()
      expect(await store.claim(key, 'b', minute)).toBe(true)
    })

    test('keys do not meet', async () => {
      const [one, two] = [newKey(), newKey()]
      await store.complete(one, 'one', minute)
      expect(await store.read(two)).toBeUndefined()
      expect(await store.claim(two, 'b', minute)).toBe(true)
    })
  })
}
