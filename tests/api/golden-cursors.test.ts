/** Cursors of every version that was ever written: this release reads them all. */
import { describe, expect, test } from 'vitest'
import { State } from '../../api/algorithm/state.ts'
import { createCursors, cursorVersion } from '../../api/cursor/cursor.ts'
import { webNatives } from '../../api/cursor/natives.ts'
import { cursorNatives } from '../../host/cursor-natives.ts'
import { readGoldenCursors } from '../fixtures/read-golden-cursors.ts'

const versions = readGoldenCursors()

test('there are some of each version', () => {
  const expected = Array.from({ length: cursorVersion }, (_, at) => at + 1)
  expect(versions.map(({ version }) => version).sort((a, b) => a - b)).toEqual(expected)
})

describe.each(versions)('version $version', ({ version, key, sealed, cursors }) => {
  test.each(cursors)('$what of "$tenant"', async ({ tenant, cursor, expires, state }) => {
    expect(Buffer.from(cursor, 'base64url')[0]).toBe(version)
    for (const natives of [webNatives, cursorNatives]) {
      const codec = createCursors({
        keys: [Buffer.alloc(32, 99).toString('base64url'), key],
        days: 1,
        clock: () => Date.parse(sealed),
        natives,
      })
      const opened = await codec(tenant).open(cursor)
      expect(opened.expires).toBe(expires)
      // Exactly what was kept, and the defaults of what later releases keep beside it.
      expect(opened.state).toEqual(State.parse(state))
      expect(opened.state).toMatchObject(state)
      await expect(codec('someone else').open(cursor)).rejects.toMatchObject({
        problem: { code: 'cursor_foreign' },
      })
    }
  })
})
