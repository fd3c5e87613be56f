import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { begin } from '../../api/algorithm/transitions.ts'
import { createCursors } from '../../api/cursor/cursor.ts'
import { webNatives } from '../../api/cursor/natives.ts'
import { pack } from '../../api/cursor/pack.ts'
import { cursorNatives } from '../../host/cursor-natives.ts'
import { ProblemError } from '../../shared/problems.ts'
import { StartRequest } from '../../shared/tpo.ts'
import { goldenStates } from '../fixtures/golden-states.ts'
import { cursorKey, present } from './house.ts'

const now = Date.UTC(2026, 10, 22)
const codec = (keys: string[], at = now, days = 30, tenant = '', natives = webNatives) =>
  createCursors({ keys, days, clock: () => at, natives })(tenant)
const state = begin(
  StartRequest.parse({ query: 'Ünïcödé 问题', policy: { extra_body: { top_k: 5 } } }),
  {
    id: 'r',
    created_at: new Date(now).toISOString(),
  },
)
/** How often to try, in `npm test` and in `npm run test:long`. */
const tries = (few: number, many: number) => (process.env['MODE'] === 'long' ? many : few)
const a = cursorKey(1)
const b = cursorKey(2)

const refused = (code: string, words = '') =>
  expect.objectContaining({
    problem: expect.objectContaining({ code, detail: expect.stringContaining(words) }),
  })

test('what is sealed is opened, with its end of life', async () => {
  const { cursor } = await codec([a]).seal(state)
  expect(cursor).toMatch(/^[\w-]+$/)
  expect(await codec([a]).open(cursor)).toEqual({ state, expires: now + 30 * 86_400_000 })
})

test('nothing of the state can be read from a cursor, and none equals another', async () => {
  const one = codec([a])
  const [first, second] = await Promise.all([one.seal(state), one.seal(state)])
  expect(first.cursor).not.toBe(second.cursor)
  expect(Buffer.from(first.cursor, 'base64url').toString('latin1')).not.toContain('top_k')
})

test.each([
  ['a short state', state, 0],
  ['a long one, compressed', goldenStates.large, 1],
])('the envelope is what its description says: %s', async (_, sealed, compression) => {
  const { cursor } = await codec([a], now, 30, 'ana').seal(present(sealed))
  const bytes = Buffer.from(cursor, 'base64url')
  const key = Buffer.from(a, 'base64url')
  const id = createHash('sha256').update(key).update('ana').digest().subarray(0, 4)
  const expiry = Buffer.alloc(6)
  expiry.writeUIntBE(now + 30 * 86_400_000, 0, 6)
  const head = Buffer.concat([Buffer.of(2), id, expiry, Buffer.of(compression)])
  expect(bytes.subarray(0, 12)).toEqual(head)
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(12, 24))
  decipher.setAAD(Buffer.concat([head, Buffer.from('ana')])).setAuthTag(bytes.subarray(-16))
  const plain = Buffer.concat([decipher.update(bytes.subarray(24, -16)), decipher.final()])
  const packed = compression === 1 ? inflateRawSync(plain) : plain
  const json = packed.subarray(4 + packed.readUInt32BE(0)).toString()
  expect(JSON.parse(json)).toMatchObject([expect.any(Array), { id: present(sealed).id }])
})

test('a change of any character is refused', async () => {
  const { open, seal } = codec([a])
  const { cursor } = await seal(state)
  // 'w' is a last character too: its low bits are zero, as base64url wants them there.
  const other = (char: string) => (char === 'A' ? 'w' : 'A')
  const altered = Array.from(
    cursor,
    (char, at) => cursor.slice(0, at) + other(char) + cursor.slice(at + 1),
  )
  const results = await Promise.allSettled(altered.map((text) => open(text)))
  expect(results.filter(({ status }) => status === 'fulfilled')).toEqual([])
  // The first characters say version and key, before anything can be told to be altered.
  for (const result of results.slice(7)) {
    expect(result).toMatchObject({ reason: refused('cursor_invalid', 'altered') })
  }
})

describe('what cannot be opened says why', () => {
  test('other spellings of the same bytes', async () => {
    const { open, seal } = codec([a])
    const { cursor } = await seal(state)
    for (const spelled of [
      `${cursor}=`,
      ` ${cursor}`,
      cursor.replaceAll('-', '+').replaceAll('_', '/') + '==',
    ]) {
      await expect(open(spelled)).rejects.toEqual(refused('cursor_invalid', 'base64url'))
    }
  })

  test('a part of it', async () => {
    const { open, seal } = codec([a])
    const { cursor } = await seal(state)
    for (const length of [4, 20, 44, cursor.length - 4]) {
      await expect(open(cursor.slice(0, length))).rejects.toEqual(refused('cursor_invalid'))
    }
  })

  test('a foreign key', async () => {
    const { cursor } = await codec([b]).seal(state)
    await expect(codec([a]).open(cursor)).rejects.toEqual(refused('cursor_foreign', 'key'))
  })

  test('another caller, as if it were from another server', async () => {
    const { cursor } = await codec([a], now, 30, 'ana').seal(state)
    const foreign = await codec([b]).seal(state)
    await expect(codec([a], now, 30, 'ana').open(cursor)).resolves.toMatchObject({ state })
    for (const tenant of ['', 'ben', 'an']) {
      const other = codec([a], now, 30, tenant)
      const told = await other.open(foreign.cursor).catch((error: unknown) => error)
      expect(told).toEqual(refused('cursor_foreign'))
      await expect(other.open(cursor)).rejects.toEqual(told)
    }
  })

  test('a newer version, and one that never was', async () => {
    const { cursor } = await codec([a]).seal(state)
    const bytes = Buffer.from(cursor, 'base64url')
    bytes[0] = 3
    await expect(codec([a]).open(bytes.toString('base64url'))).rejects.toEqual(
      refused('cursor_too_new', 'version 3'),
    )
    bytes[0] = 0
    await expect(codec([a]).open(bytes.toString('base64url'))).rejects.toEqual(
      refused('cursor_invalid', 'begin'),
    )
  })

  test('its age', async () => {
    const { cursor } = await codec([a], now, 1).seal(state)
    await expect(codec([a], now + 86_400_000).open(cursor)).rejects.toEqual(
      refused('cursor_expired'),
    )
    await expect(codec([a], now + 86_399_999).open(cursor)).resolves.toBeDefined()
  })
})

test('after a rotation the first key seals and the old one still opens', async () => {
  const before = await codec([a]).seal(state)
  const rotated = codec([b, a])
  await expect(rotated.open(before.cursor)).resolves.toMatchObject({ state })
  const { cursor } = await rotated.seal(state)
  await expect(codec([b]).open(cursor)).resolves.toMatchObject({ state })
  await expect(codec([a]).open(cursor)).rejects.toEqual(refused('cursor_foreign'))
})

test.each(['', 'short', `${a}A`, 'ä'.repeat(43)])('"%s" is no key', (key) => {
  expect(() => codec([key])).toThrow('TPO_CURSOR_KEYS')
})

test('a key in plain base64 is one too', async () => {
  const raw = Buffer.alloc(32, 0xfb)
  const { cursor } = await codec([raw.toString('base64')]).seal(state)
  await expect(codec([raw.toString('base64url')]).open(cursor)).resolves.toBeDefined()
})

describe.each([
  ['the web', webNatives],
  ['Node', cursorNatives],
])('with what %s has', (_, natives) => {
  const own = codec([a], now, 30, 'ana', natives)

  test.each(Object.entries(goldenStates))('%s comes back as it was', async (_, kept) => {
    const { cursor } = await own.seal(kept)
    expect((await own.open(cursor)).state).toEqual(kept)
    // Either reads what the other has written.
    expect((await codec([a], now, 30, 'ana').open(cursor)).state).toEqual(kept)
  })

  test('any state comes back as it was', { timeout: 300_000 }, async () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200, size: 'max' }),
      fc.string({
        unit: fc.constantFrom('\0', '1', '\ud800', '\ufeff', 'é', '問', ' '),
        maxLength: 200,
        size: 'max',
      }),
      // Of characters that an engine keeps in one byte each.
      fc.string({ unit: fc.constantFrom('\0', '1', 'é', 'ÿ'), maxLength: 200, size: 'max' }),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { maxLength: 4 }),
        text,
        fc.jsonValue(),
        async (texts, loss, json) => {
          const pending = texts.map((text, index) => ({
            index,
            text,
            finish_reason: 'stop',
            tokens: 1,
          }))
          const policy = { ...state.policy, extra_body: { json } }
          const kept = { ...state, pending, loss, policy }
          const { cursor } = await own.seal(kept)
          expect(JSON.stringify((await own.open(cursor)).state)).toBe(JSON.stringify(kept))
        },
      ),
      { numRuns: tries(100, 2000) },
    )
  })

  test('a change of any bit is refused', async () => {
    const bytes = Buffer.from((await own.seal(state)).cursor, 'base64url')
    const flipped = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const copy = Buffer.from(bytes)
      copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      return copy.toString('base64url')
    })
    const results = await Promise.allSettled(flipped.map(own.open))
    expect(results.filter(({ status }) => status === 'fulfilled')).toEqual([])
  })

  test('other spellings of the same bytes are refused', async () => {
    const { cursor } = await own.seal(state)
    for (const spelled of [`${cursor}=`, ` ${cursor}`, `${cursor}\n`, `${cursor}é`]) {
      await expect(own.open(spelled)).rejects.toEqual(refused('cursor_invalid', 'base64url'))
    }
  })

  test('a decompression bomb, which only a holder of the key can make, ends at the bound', async () => {
    const bomb = forge(deflateRawSync(Buffer.alloc(512 * 1024 * 1024), { level: 1 }), 1)
    const before = process.memoryUsage().rss
    await expect(own.open(bomb)).rejects.toEqual(refused('cursor_invalid', 'another release'))
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024)
  })

  test.each([
    ['no deflate', Buffer.from('hello'), 1],
    ['no packed state', Buffer.from('hello'), 0],
    ['another state', pack({ id: 'r' }, natives), 0],
    ['a length beyond its end', Buffer.of(255, 255, 255, 255, 1), 0],
    ['less than a length', Buffer.of(1), 0],
  ])('sealed with the key, yet %s', async (_, content, compression) => {
    await expect(own.open(forge(content, compression))).rejects.toEqual(
      refused('cursor_invalid', 'another release'),
    )
  })
})

/** A cursor of tenant ana with any content, as only a holder of the key can make it. */
function forge(content: Uint8Array, compression: number): string {
  const key = Buffer.from(a, 'base64url')
  const id = createHash('sha256').update(key).update('ana').digest().subarray(0, 4)
  const head = Buffer.concat([Buffer.of(2), id, Buffer.alloc(6, 1), Buffer.of(compression)])
  const nonce = Buffer.alloc(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.concat([head, Buffer.from('ana')]))
  const sealed = Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()])
  return Buffer.concat([head, nonce, sealed]).toString('base64url')
}

test('a state that no request could carry is refused when it is sealed', async () => {
  const text = randomBytes(8 * 1024 * 1024).toString('base64')
  const pending = [{ index: 0, text, finish_reason: 'stop', tokens: 1 }]
  await expect(codec([a]).seal({ ...state, pending })).rejects.toEqual(refused('run_too_large'))
})

test(
  'whatever is made of cursors, the answer is one of the known problems',
  { timeout: 300_000 },
  async () => {
    const ana = codec([a], now, 30, 'ana')
    const sealed = await Promise.all(
      [state, ...Object.values(goldenStates)].flatMap((kept) => [
        ana.seal(kept),
        codec([a]).seal(kept),
        codec([b], now, 30, 'ana').seal(kept),
      ]),
    )
    const cursors = sealed.map(({ cursor }) => cursor)
    const cursor = fc.constantFrom(...cursors.filter(({ length }) => length < 10_000))
    const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
    const at = (text: string, where: number) => Math.floor(where * text.length)
    const mutated = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.base64String(),
      fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes).toString('base64url')),
      // Bits flipped, bytes replaced.
      fc
        .tuple(
          cursor,
          fc.array(fc.tuple(place, fc.integer({ min: 1, max: 255 })), {
            minLength: 1,
            maxLength: 5,
          }),
        )
        .map(([text, changes]) => {
          const bytes = Buffer.from(text, 'base64url')
          for (const [where, bits] of changes) {
            const byte = Math.floor(where * bytes.length)
            bytes[byte] = (bytes[byte] ?? 0) ^ bits
          }
          return bytes.toString('base64url')
        }),
      // Cut, lengthened, repeated.
      fc.tuple(cursor, place).map(([text, where]) => text.slice(0, at(text, where))),
      fc.tuple(cursor, place).map(([text, where]) => text.slice(at(text, where) + 1)),
      fc.tuple(cursor, fc.base64String({ minLength: 1 })).map(([text, more]) => text + more),
      // The beginning of one with the end of another.
      fc
        .tuple(cursor, cursor, place)
        .map(([one, other, where]) => one.slice(0, at(one, where)) + other.slice(at(one, where))),
      // A piece of one inside of another.
      fc
        .tuple(cursor, cursor, place, place)
        .map(
          ([one, other, from, to]) =>
            one.slice(0, at(one, from)) +
            other.slice(at(one, from), at(other, to)) +
            one.slice(at(one, to)),
        ),
    )
    const known = new Set(['cursor_invalid', 'cursor_foreign', 'cursor_too_new'])
    const good = new Set(cursors)
    await fc.assert(
      fc.asyncProperty(mutated, async (text) => {
        if (good.has(text)) return
        const told = await ana.open(text).catch((error: unknown) => error)
        if (!(told instanceof ProblemError)) throw new Error(`not a problem: ${String(told)}`)
        expect(known).toContain(told.problem.code)
        expect(told.problem.status).toBe(400)
      }),
      { numRuns: tries(400, 20_000) },
    )
  },
)

test('a run that is traced carries its first span, and one that is not nothing', async () => {
  const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const traced = await codec([a]).seal(state, trace)
  const untraced = await codec([a]).seal(state)
  const { expires } = traced
  expect(await codec([a]).open(traced.cursor)).toEqual({ state, expires, trace })
  expect(await codec([a]).open(untraced.cursor)).toEqual({
    state,
    expires: untraced.expires,
  })
  expect(traced.cursor.length - untraced.cursor.length).toBeLessThan(100)
})
