/** Requests as they are on the wire, and what comes back, whatever it is. */
import { type Agent, request } from 'node:http'
import { connect } from 'node:net'

export interface Sent {
  method: string
  path: string
  /** Name, value, name, value…: one name may come twice. */
  headers: readonly string[]
  body: Buffer | undefined
  /** Without a declared length. */
  chunked: boolean
}

export interface Received {
  status: number
  headers: Readonly<Record<string, string | string[] | undefined>>
  text: string
}

/** Far beyond what any answer takes: a request that has none by then hangs. */
const patienceMs = 20_000

/** The complete answer. Rejects where the connection breaks before it, or nothing comes. */
export function send(url: string, sent: Sent, agent: Agent): Promise<Received> {
  const { hostname, port, host } = new URL(url)
  const { method, path, body, chunked } = sent
  const named = sent.headers.some((name, at) => at % 2 === 0 && name.toLowerCase() === 'host')
  const length = body === undefined ? [] : ['content-length', String(body.length)]
  const headers = [
    ...(named ? [] : ['host', host]),
    ...sent.headers,
    ...(chunked && body !== undefined ? ['transfer-encoding', 'chunked'] : length),
  ]
  const signal = AbortSignal.timeout(patienceMs)
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, method, path, headers, agent, signal }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(parts).toString(),
        }),
      )
    })
    call.on('error', reject)
    call.end(body)
  })
}

/** Bytes that need not be HTTP; all that comes until the server ends the connection. */
export function sendBytes(url: string, bytes: Buffer): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    const socket = connect({ host: hostname, port: Number(port), timeout: patienceMs })
    socket.on('data', (part) => parts.push(part))
    socket.on('timeout', () => socket.destroy(new Error('it hangs')))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error)
    })
    socket.on('close', () => resolve(Buffer.concat(parts).toString()))
    socket.end(bytes)
  })
}

/** Both sides of a failure, to read. */
export const told = ({ body, ...sent }: Sent, { status, text }: Received): string =>
  [sent, body?.toString().slice(0, 3000), status, text.slice(0, 2000)]
    .map((part) => JSON.stringify(part))
    .join('\n')
