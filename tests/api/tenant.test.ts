/** Runs belong to who started them, over HTTP. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTenants } from '../../api/tenant.ts'
import { type House, openHouse, problemOf } from './house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse({
    settings: { api_keys: ['ana:one', 'ana:two', 'ben:three', 'four', 'five'] },
  })
})
afterAll(() => house.close())

const call = (path: string, body: unknown, key: string) =>
  house.post(path, body, { authorization: `Bearer ${key}` })

async function startOf(key: string): Promise<string> {
  const { cursor } = (await (await call('/v1/tpo/start', { query: 'Q' }, key)).json()) as {
    cursor: string
  }
  return cursor
}

test.each([
  ['one', ['one', 'two'], ['three', 'four', 'five', 'unknown']],
  ['four', ['four'], ['one', 'three', 'five', 'unknown']],
])('a run of key %s is continued with %s and no other', async (key, own, others) => {
  const cursor = await startOf(key)
  for (const path of ['/v1/tpo/inspect', '/v1/tpo/step', '/v1/tpo/steps/sample', '/v1/tpo/run']) {
    for (const other of others) {
      const problem = await problemOf(await call(path, { cursor }, other))
      expect(problem).toMatchObject({ code: 'cursor_foreign', status: 400 })
      expect(problem.detail).not.toMatch(/ana|ben/)
    }
  }
  for (const mine of own) {
    const stepped = await call('/v1/tpo/step', { cursor }, mine)
    const { cursor: next } = (await stepped.json()) as { cursor: string }
    expect((await call('/v1/tpo/inspect', { cursor: next }, key)).status).toBe(200)
  }
})

test('the tenant of a key is its name or its hash, never the key', async () => {
  const tenantOf = createTenants(['ana:one', 'four', 'a b:c'])
  expect(await tenantOf('Bearer one')).toBe('ana')
  expect(await tenantOf('bearer  one ')).toBe('ana')
  expect(await tenantOf('Bearer four')).toMatch(/^key [0-9a-f]{32}$/)
  for (const unknown of [undefined, '', 'Bearer', 'Bearer other', 'one', 'Basic one']) {
    expect(await tenantOf(unknown)).toBe('')
  }
  expect(await createTenants([])('Bearer one')).toBe('')
})
