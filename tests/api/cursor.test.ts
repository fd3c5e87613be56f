import { createDecipheriv, createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { begin } from '../../api/algorithm/transitions.ts'
import { createCursorCodec } from '../../api/cursor/cursor.ts'
import { StartRequest } from '../../shared/tpo.ts'
import { cursorKey } from './house.ts'

const now = Date.UTC(2026, 10, 22)
const codec = (keys: string[], at = now, days = 30) =>
  createCursorCodec({ keys, days, clock: () => at })
const state = begin(
  StartRequest.parse({ query: 'Ünïcödé 问题', policy: { extra_body: { top_k: 5 } } }),
  {
    id: 'r',
    created_at: new Date(now).toISOString(),
  },
)
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

test('the envelope is what its description says', async () => {
  const { cursor } = await codec([a]).seal(state)
  const bytes = Buffer.from(cursor, 'base64url')
  const key = Buffer.from(a, 'base64url')
  const id = createHash('sha256').update(key).digest().subarray(0, 4)
  expect(bytes.subarray(0, 5)).toEqual(Buffer.concat([Buffer.of(1), id]))
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(5, 17))
  decipher.setAAD(bytes.subarray(0, 5)).setAuthTag(bytes.subarray(-16))
  const plain = Buffer.concat([decipher.update(bytes.subarray(17, -16)), decipher.final()])
  expect(JSON.parse(plain.toString())).toEqual({ exp: now + 30 * 86_400_000, state })
})

test('a change of any character is refused', async () => {
  const { open, seal } = codec([a])
  const { cursor } = await seal(state)
  const other = (char: string) => (char === 'A' ? 'B' : 'A')
  const altered = Array.from(
    cursor,
    (char, at) => cursor.slice(0, at) + other(char) + cursor.slice(at + 1),
  )
  const results = await Promise.allSettled(altered.map(open))
  expect(results.filter(({ status }) => status === 'fulfilled')).toEqual([])
  for (const result of results) expect(result).toMatchObject({ reason: refused('cursor_invalid') })
})

test('a change of any bit is refused', async () => {
  const { open, seal } = codec([a])
  const bytes = Buffer.from((await seal(state)).cursor, 'base64url')
  const flipped = Array.from({ length: bytes.length * 8 }, (_, bit) => {
    const copy = Buffer.from(bytes)
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    return copy.toString('base64url')
  })
  const results = await Promise.allSettled(flipped.map(open))
  expect(results.filter(({ status }) => status === 'fulfilled')).toEqual([])
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
    await expect(codec([a]).open(cursor)).rejects.toEqual(refused('cursor_invalid', 'key'))
  })

  test('an unknown version', async () => {
    const { cursor } = await codec([a]).seal(state)
    const bytes = Buffer.from(cursor, 'base64url')
    bytes[0] = 2
    await expect(codec([a]).open(bytes.toString('base64url'))).rejects.toEqual(
      refused('cursor_invalid', 'version'),
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
  await expect(codec([a]).open(cursor)).rejects.toEqual(refused('cursor_invalid'))
})

test.each(['', 'short', `${a}A`, 'ä'.repeat(43)])('"%s" is no key', (key) => {
  expect(() => codec([key])).toThrow('TPO_CURSOR_KEYS')
})

test('a key in plain base64 is one too', async () => {
  const raw = Buffer.alloc(32, 0xfb)
  const { cursor } = await codec([raw.toString('base64')]).seal(state)
  await expect(codec([raw.toString('base64url')]).open(cursor)).resolves.toBeDefined()
})
