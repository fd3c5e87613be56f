/** What Node's parser or our server cannot read is answered in words, as everything else. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listen, type Listening } from '../../host/listen.ts'
import { Problem } from '../../shared/problems.ts'
import { resolveSettings } from '../../shared/settings.ts'
import { sendBytes } from '../fuzz/wire.ts'

let door: Listening
beforeAll(async () => {
  const settings = { ...resolveSettings({}), api_port: 0 }
  const fetch = () => new Response('served')
  door = await listen({ name: 'API', portKey: 'api_port', settings, fetch })
})
afterAll(() => door.close())

const exchange = (bytes: string) => sendBytes(door.url, Buffer.from(bytes))

const usual = 'GET / HTTP/1.1\r\nHost: localhost\r\n'

test.each([
  ['no HTTP at all', 'hello\r\n\r\n', 'unreadable_request'],
  ['a header without a name', `${usual}: x\r\n\r\n`, 'unreadable_request'],
  ['a length that is no number', `${usual}Content-Length: x\r\n\r\n`, 'unreadable_request'],
  ['two lengths', `${usual}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, 'unreadable_request'],
  [
    'length and chunks',
    `${usual}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    'unreadable_request',
  ],
  ['half a request', usual, 'unreadable_request'],
  // vLLM's CVE-2025-48956: headers without a bound.
  ['headers of a megabyte', `${usual}X-Long: ${'x'.repeat(2 ** 20)}\r\n\r\n`, 'headers_too_large'],
  ['a host that is none', 'GET / HTTP/1.1\r\nHost: localhost\\@evil\r\n\r\n', 'unreadable_request'],
  ['an address that is none', 'GET evil HTTP/1.1\r\nHost: localhost\r\n\r\n', 'unreadable_request'],
  [
    'a backslash in the address',
    'GET /\\evil HTTP/1.1\r\nHost: localhost\r\n\r\n',
    'unreadable_request',
  ],
])('%s is refused as a problem', async (_, bytes, code) => {
  const [head = '', body = ''] = (await exchange(bytes)).split('\r\n\r\n')
  const problem = Problem.parse(JSON.parse(body))
  expect(problem.code).toBe(code)
  expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${problem.status} [A-Z]`))
  expect(head).toMatch(/content-type: application\/problem\+json/i)
})

test('what a client expects besides is no reason to refuse it', async () => {
  expect(await exchange(`${usual}Expect: the-best\r\nConnection: close\r\n\r\n`)).toMatch(/served/)
})

test('what follows a request that is being answered is not taken for its answer', async () => {
  expect(await exchange(`${usual}\r\nhello\r\n\r\n`)).not.toMatch(/HTTP\/1\.1 400/)
})
