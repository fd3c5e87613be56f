/** Cursors with what workerd has: its own base64 and compression. */
import { env } from 'cloudflare:workers'
import { expect, inject, test } from 'vitest'
import { createEdge } from '../../api/edge.ts'
import { createCursors } from '../../api/cursor/cursor.ts'
import { webNatives } from '../../api/cursor/natives.ts'
import { State } from '../../api/algorithm/state.ts'
import { Problem } from '../../shared/problems.ts'
import type { Golden } from '../fixtures/read-golden-cursors.ts'
import { Position } from '../../shared/tpo.ts'

test('golden cursors of every version are read, and written again', async () => {
  const versions: Golden[] = JSON.parse(inject('goldenCursors'))
  expect(versions.length).toBeGreaterThan(1)
  for (const { key, sealed, cursors } of versions) {
    const clock = () => Date.parse(sealed)
    const codec = createCursors({ keys: [key], days: 1, clock, natives: webNatives })
    for (const golden of cursors) {
      const own = codec(golden.tenant)
      const { state } = await own.open(golden.cursor)
      expect(state).toEqual(State.parse(golden.state))
      expect((await own.open((await own.seal(state)).cursor)).state).toEqual(state)
      await expect(codec('someone else').open(golden.cursor)).rejects.toMatchObject({
        problem: { code: 'cursor_foreign' },
      })
      await expect(own.open(`${golden.cursor.slice(0, -8)}AAAAAAAA`)).rejects.toMatchObject({
        problem: { code: 'cursor_invalid' },
      })
    }
  }
})

test('a run belongs to the caller who started it', async () => {
  const environment = {
    TPO_CURSOR_KEYS: btoa('k'.repeat(32)),
    TPO_API_KEYS: 'ana:one,ben:two',
    TPO_POLICY_BASE_URL: 'http://127.0.0.1:9/v1',
    TPO_REWARD_BASE_URL: 'http://127.0.0.1:9',
    REPLAY: env['REPLAY'],
  }
  const serve = createEdge()
  const call = async (path: string, body: unknown, key: string) =>
    serve(
      new Request(`https://tpo.example/v1/tpo/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
        body: JSON.stringify(body),
      }),
      environment,
    )
  const started = await call('start', { query: 'Q' }, 'one')
  const { cursor } = Position.parse(await started.json())
  expect((await call('inspect', { cursor }, 'one')).status).toBe(200)
  const refused = await call('inspect', { cursor }, 'two')
  expect(refused.status).toBe(400)
  expect(Problem.parse(await refused.json()).code).toBe('cursor_foreign')
  expect((await call('inspect', { cursor }, 'ana:one')).status).toBe(401)
})
