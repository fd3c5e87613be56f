/** Requests that reach no service, because their address, their headers or their framing cannot be read. */
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { RequestError } from '@hono/node-server'
import { problem, ProblemError, toProblem } from '../shared/problems.ts'

const problemType = 'application/problem+json'

/** The answer to what the server threw before or after the service: a request it cannot read, or a fault. */
export function refuseUnreadable(error: unknown): Response {
  const told = toProblem(error instanceof RequestError ? unreadable(error.message) : error)
  if (told.code === 'internal') console.error('request failed', error)
  return Response.json(told, { status: told.status, headers: { 'content-type': problemType } })
}

const unreadable = (reason: string) =>
  problem(
    'unreadable_request',
    `The request cannot be read: ${reason}. Send it to an address like /v1/tpo/start, with the header "Host".`,
  )

const byCode: Readonly<Record<string, ProblemError>> = {
  HPE_HEADER_OVERFLOW: problem(
    'headers_too_large',
    'The headers of a request may have 16 kB at most. A cursor goes into the body.',
  ),
  ERR_HTTP_REQUEST_TIMEOUT: problem(
    'request_timeout',
    'The request did not come to its end in time. Send it again.',
  ),
}

const notHttp = problem('unreadable_request', 'This is not a request of HTTP/1.1.')

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
}

/** Whether the answer is that of a request which could be read to its end. */
const isOwed = ({ request, response }: Exchange) => request.complete || response.headersSent

/** Answers, in words, what Node's parser refuses, and ends the connection. */
export function answerUnreadable(server: Server): void {
  const underWay = new Map<Duplex, Set<Exchange>>()
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const { socket } = request
    const exchange = { request, response }
    const all = underWay.get(socket) ?? new Set()
    underWay.set(socket, all.add(exchange))
    response.once('close', () => {
      all.delete(exchange)
      if (all.size === 0) underWay.delete(socket)
    })
  })
  // What a client expects beside its answer (the header "Expect") is nothing that we refuse for.
  server.on('checkExpectation', (...asked) => server.emit('request', ...asked))
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    // An answer that is still to come, or has begun: this one would be taken for it.
    const owed = [...(underWay.get(socket) ?? [])].some(isOwed)
    if (!socket.writable || owed) return void socket.destroy()
    const { problem: told } = byCode[error.code ?? ''] ?? notHttp
    const body = JSON.stringify(told)
    const head = [
      `HTTP/1.1 ${told.status} ${STATUS_CODES[told.status]}`,
      `content-type: ${problemType}`,
      `content-length: ${Buffer.byteLength(body)}`,
      'connection: close',
    ]
    return void socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
  })
}
