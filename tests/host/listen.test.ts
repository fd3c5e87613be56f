import { request } from 'node:http'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { listen, type Listening } from '../../host/listen.ts'
import { resolveSettings } from '../../shared/settings.ts'

const open: { close: () => unknown }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()))
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function start(environment: Record<string, string> = {}): Promise<Listening> {
  const port = await freePort()
  const settings = resolveSettings({ environment: { TPO_API_PORT: String(port), ...environment } })
  const fetch = () => new Response('served')
  const listening = await listen({ name: 'API', portKey: 'api_port', settings, fetch })
  open.push(listening)
  return listening
}

/** A request with a Host header of our choice, which fetch does not allow. */
function ask(
  url: string,
  headers: Record<string, string>,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const call = request(url, { headers }, (response) => {
      let body = ''
      response.on('data', (chunk) => (body += String(chunk)))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    call.on('error', reject).end()
  })
}

test('serves loopback names and refuses the name of another host', async () => {
  const { url } = await start()
  expect(await ask(url, {})).toMatchObject({ status: 200, body: 'served' })
  expect(await ask(url, { host: 'localhost:1' })).toMatchObject({ status: 200 })
  const refused = await ask(url, { host: 'evil.example' })
  expect(refused.status).toBe(403)
  expect(JSON.parse(refused.body)).toMatchObject({ code: 'host_not_allowed' })
})

test('a foreign page is refused unless its origin is allowed', async () => {
  const { url } = await start({ TPO_ALLOWED_ORIGINS: 'https://good.example' })
  const from = (origin: string) => fetch(url, { headers: { origin } })
  expect((await from('https://evil.example')).status).toBe(403)
  expect((await from('null')).status).toBe(403)
  expect((await from(url)).status).toBe(200)
  const allowed = await from('https://good.example')
  expect(allowed.status).toBe(200)
  expect(allowed.headers.get('access-control-allow-origin')).toBe('https://good.example')
  expect(allowed.headers.get('access-control-expose-headers')).toBe(
    'Idempotency-Replayed,Retry-After,X-Request-Id',
  )
  const wanted = 'authorization, content-type, x-tpo-policy-key'
  const before = await fetch(`${url}/v1/tpo/step`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://good.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': wanted,
    },
  })
  const headers = before.headers.get('access-control-allow-headers')?.split(/, */)
  expect(headers).toEqual(wanted.split(', '))
})

test('with API keys, /v1 and every POST want one of them', async () => {
  const { url } = await start({ TPO_API_KEYS: 'one,two' })
  const call = (path: string, authorization?: string, method = 'GET') =>
    fetch(`${url}${path}`, {
      method,
      headers: authorization === undefined ? {} : { authorization },
    })
  expect((await call('/v1/tpo/start')).status).toBe(401)
  expect((await call('/v1/tpo/start', 'Bearer three')).status).toBe(401)
  expect((await call('/v1/tpo/start', 'Bearer two')).status).toBe(200)
  expect((await call('/classify', undefined, 'POST')).status).toBe(401)
  expect((await call('/classify', 'Bearer one', 'POST')).status).toBe(200)
  expect((await call('/healthz')).status).toBe(200)
})

test('of a key with a name, only the key is shown', async () => {
  const { url } = await start({ TPO_API_KEYS: 'ana:one,ana:two' })
  const status = async (key: string) =>
    (await fetch(`${url}/v1`, { method: 'POST', headers: { authorization: `Bearer ${key}` } }))
      .status
  expect(await status('one')).toBe(200)
  expect(await status('two')).toBe(200)
  expect(await status('ana')).toBe(401)
  expect(await status('ana:one')).toBe(401)
})

test('a taken port and an open host are refused in words', async () => {
  const { url } = await start()
  const port = new URL(url).port
  await expect(start({ TPO_API_PORT: port })).rejects.toThrow(
    `port ${port} (API) is in use; stop what uses it or choose another with --api-port or TPO_API_PORT`,
  )
  await expect(start({ TPO_HOST: '0.0.0.0' })).rejects.toThrow(/TPO_API_KEYS/)
})
