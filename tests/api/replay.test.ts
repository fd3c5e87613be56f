import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stepKey } from '../../api/replay/keys.ts'
import { canonical } from '../../shared/canonical.ts'
import { createMemoryStore } from '../../api/replay/memory.ts'
import { connectRedisStore } from '../../api/replay/redis.ts'
import { type Call, createReplay } from '../../api/replay/replay.ts'
import type { ReplayStore } from '../../api/replay/store.ts'
import { hasRedis, startRedis } from './redis-server.ts'
import { faultLog } from '../fakes/fault-log.ts'

const lifetime = 60_000
const memory = () => createMemoryStore({ bytes: 2 ** 20, clock: Date.now })

function open(store: ReplayStore = memory()) {
  const faults: unknown[] = []
  const log = faultLog(faults)
  return { ...createReplay({ store, lifetime, log, shared: true }), faults }
}

/** Work that ends when it is told to, and counts how often it was begun and stopped. */
function worker() {
  const end = Promise.withResolvers<unknown>()
  const begun = Promise.withResolvers<void>()
  const stopped = Promise.withResolvers<void>()
  const counts = { begun: 0 }
  const work = (_: unknown, signal: AbortSignal) => {
    counts.begun++
    begun.resolve()
    const left = Promise.withResolvers<never>()
    signal.addEventListener('abort', () => {
      stopped.resolve()
      left.reject(signal.reason)
    })
    return Promise.race([end.promise, left.promise])
  }
  return {
    work,
    counts,
    end: end.resolve,
    fail: end.reject,
    begun: begun.promise,
    stopped: stopped.promise,
  }
}

const caller = (signal = new AbortController().signal): Call => ({ send: () => undefined, signal })

describe('work is done once', () => {
  test('who asks meanwhile shares the execution, who asks later gets what is stored', async () => {
    const replay = open()
    const { work, counts, end } = worker()
    const all = Array.from({ length: 5 }, () => replay.once('key', work, caller()))
    end({ n: 0.1 })
    const answers = await Promise.all(all)
    expect(answers.map(({ text }) => text)).toEqual(answers.map(() => '{"n":0.1}'))
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1)
    const later = await replay.once('key', work, caller())
    expect(later).toEqual({ text: '{"n":0.1}', replayed: true })
    expect(counts.begun).toBe(1)
  })

  test('all who share it hear of its progress', async () => {
    const replay = open()
    const heard: string[] = []
    const call = (name: string): Call => ({
      ...caller(),
      send: ({ type }) => void heard.push(`${name} ${type}`),
    })
    const work: Parameters<typeof replay.once>[1] = async (send) => {
      send({ type: 'step_started', step: 'sample', iteration: 0 })
      return 1
    }
    await Promise.all([replay.once('key', work, call('a')), replay.once('key', work, call('b'))])
    expect(heard).toEqual(['a step_started', 'b step_started'])
  })

  test('a failure reaches all who share it, is not stored, and leaves nothing claimed', async () => {
    const store = memory()
    const replay = open(store)
    const failing = worker()
    const calls = [
      replay.once('key', failing.work, caller()),
      replay.once('key', failing.work, caller()),
    ]
    failing.fail(new Error('upstream'))
    for (const call of calls) await expect(call).rejects.toThrow('upstream')
    expect(await store.claim('key', 'whoever is next', 1)).toBe(true)
    await store.release('key', 'whoever is next')
    const good = worker()
    good.end('fine')
    expect(await replay.once('key', good.work, caller())).toEqual({
      text: '"fine"',
      replayed: false,
    })
  })
})

describe('callers who leave', () => {
  test.each([
    ['the first', 0],
    ['the second', 1],
  ])('%s of two: the other gets the answer', async (_, leaver) => {
    const replay = open()
    const { work, counts, end, begun } = worker()
    const leave = [new AbortController(), new AbortController()]
    const calls = leave.map(({ signal }) => replay.once('key', work, caller(signal)))
    await begun
    leave[leaver]?.abort(new Error('gone'))
    await expect(calls[leaver]).rejects.toThrow('gone')
    end('kept')
    expect(await calls[1 - leaver]).toMatchObject({ text: '"kept"' })
    expect(counts.begun).toBe(1)
  })

  test('all: the execution stops, and who comes then begins anew', async () => {
    const replay = open()
    const first = worker()
    const leave = new AbortController()
    const calls = [1, 2].map(() => replay.once('key', first.work, caller(leave.signal)))
    await first.begun
    leave.abort(new Error('gone'))
    for (const call of calls) await expect(call).rejects.toThrow('gone')
    const next = worker()
    next.end('again')
    const again = replay.once('key', next.work, caller())
    await first.stopped
    expect(await again).toEqual({ text: '"again"', replayed: false })
  })
})

test('where work ends with its request, a caller who leaves waits until the claim is free', async () => {
  const store = memory()
  const release = Promise.withResolvers<void>()
  const slow = {
    ...store,
    release: (key: string, owner: string) => release.promise.then(() => store.release(key, owner)),
  }
  const log = faultLog([])
  const replay = createReplay({ store: slow, lifetime, log, shared: false })
  const { work, begun, stopped } = worker()
  const leave = new AbortController()
  const left = replay.once('key', work, caller(leave.signal))
  await begun
  leave.abort()
  await stopped
  release.resolve()
  await expect(left).rejects.toThrow('abort')
  expect(await store.claim('key', 'another', 1000)).toBe(true)
})

describe('a store that fails', () => {
  const down = () => Promise.reject(new Error('down'))

  test('before the work: nothing is spent, and the problem says to send it again', async () => {
    const replay = open({ ...memory(), claim: down })
    const { work, counts } = worker()
    await expect(replay.once('key', work, caller())).rejects.toMatchObject({
      problem: { code: 'replay_unavailable', status: 503, retryable: true },
    })
    expect(counts.begun).toBe(0)
    expect(replay.faults).toHaveLength(1)
  })

  test('after the work: the answer is given all the same', async () => {
    const replay = open({ ...memory(), complete: down })
    const { work, end } = worker()
    end('paid')
    expect(await replay.once('key', work, caller())).toEqual({ text: '"paid"', replayed: false })
    expect(replay.faults).toHaveLength(1)
  })
})

interface SharedStore {
  store: ReplayStore
  close: () => Promise<void>
}

const stores: { name: string; openStore: () => Promise<SharedStore> }[] = [
  {
    name: 'one memory',
    openStore: async () => ({ store: memory(), close: () => Promise.resolve() }),
  },
  {
    name: 'a Redis',
    openStore: async () => {
      const server = await startRedis()
      const store = await connectRedisStore(server.url)
      return { store, close: () => store.close().then(server.stop) }
    },
  },
]

describe.each(stores.slice(0, hasRedis ? 2 : 1))('processes that share $name', ({ openStore }) => {
  let shared: SharedStore
  beforeAll(async () => {
    shared = await openStore()
  })
  afterAll(() => shared.close())

  test('the second waits for the first’s answer', async () => {
    const { store } = shared
    const { work, counts, end, begun } = worker()
    const one = open(store).once('waits', work, caller())
    await begun
    const two = open(store).once('waits', work, caller())
    end('shared')
    expect(await one).toEqual({ text: '"shared"', replayed: false })
    expect(await two).toEqual({ text: '"shared"', replayed: true })
    expect(counts.begun).toBe(1)
  })

  test('the second takes over when the first fails', async () => {
    const { store } = shared
    const failing = worker()
    const one = open(store).once('fails', failing.work, caller())
    await failing.begun
    const good = worker()
    good.end('fine')
    const two = open(store).once('fails', good.work, caller())
    failing.fail(new Error('upstream'))
    await expect(one).rejects.toThrow('upstream')
    expect(await two).toEqual({ text: '"fine"', replayed: false })
  })

  test('the second takes over when the first has died', async () => {
    const { store } = shared
    await store.claim('dies', 'a process that is dead', 300)
    const { work, end } = worker()
    end('alive')
    expect(await open(store).once('dies', work, caller())).toMatchObject({ text: '"alive"' })
  })

  test('work that lasts longer than its lease keeps its claim', { timeout: 20_000 }, async () => {
    const { store } = shared
    const renewed = Promise.withResolvers<void>()
    let claims = 0
    const watched: ReplayStore = {
      ...store,
      async claim(...claim) {
        const ours = await store.claim(...claim)
        if (++claims === 2) renewed.resolve()
        return ours
      },
    }
    const { work, end, counts } = worker()
    const one = open(watched).once('lasts', work, caller())
    await renewed.promise
    expect(await store.claim('lasts', 'another', 1000)).toBe(false)
    end('long')
    expect(await one).toMatchObject({ text: '"long"' })
    expect(counts.begun).toBe(1)
  })
})

describe('keys', () => {
  test('the same value has the same text, however it came', () => {
    const one = { b: [1, { d: null, c: 'é"' }], a: 0.1, gone: undefined }
    const two = JSON.parse('{"a":1e-1,"b":[1.0,{"c":"\\u00e9\\"","d":null}]}') as unknown
    expect(canonical(one)).toBe(canonical(two))
    expect(canonical(one)).toBe('{"a":0.1,"b":[1,{"c":"é\\"","d":null}]}')
  })

  test('another cursor, or another edit, is another thing; the order of fields is not', async () => {
    const bodies = [
      { cursor: 'a' },
      { cursor: 'b' },
      { cursor: 'a', edit: {} },
      { cursor: 'a', edit: { loss: 'L' } },
      { cursor: 'a', edit: { gradient: 'L' } },
      { cursor: 'a', edit: { add: ['x', 'y'] } },
      { cursor: 'a', edit: { add: ['y', 'x'] } },
      { cursor: 'a', edit: { add: ['x","y'] } },
      { cursor: 'a', edit: { sampling: { seed: 1 } } },
      { cursor: 'a', edit: { sampling: { samples: 1 } } },
    ]
    const keys = await Promise.all(bodies.map((body) => stepKey(body)))
    expect(new Set(keys).size).toBe(bodies.length)
    const turned = { edit: { loss: 'L' }, cursor: 'a' }
    expect(await stepKey(turned)).toBe(keys[3])
  })
})
