/** Ending a server without losing what it has in hand. */
import type { Server } from 'node:http'

/** How long requests in hand may take to end, in milliseconds; Kubernetes kills after 30 s. */
export const drainTime = 25_000

export interface Drain {
  /** Requests that are not answered to the end. */
  inHand: () => number
  /** Nothing new is taken any more. */
  closing: () => boolean
  /** Resolves when the last request is over, or was cut off after `drainTime`. */
  close: () => Promise<void>
}

export function createDrain(server: Server): Drain {
  let inHand = 0
  let closed: Promise<void> | undefined

  server.on('request', (_, response) => {
    inHand++
    response.once('close', () => {
      inHand--
      // What is left are connections that never asked, or wait to ask again.
      if (closed !== undefined && inHand === 0) server.closeAllConnections()
    })
  })
  const close = async () => {
    const ended = new Promise((resolve) => server.close(resolve))
    if (inHand === 0) server.closeAllConnections()
    const cut = setTimeout(() => server.closeAllConnections(), drainTime)
    await ended
    clearTimeout(cut)
  }
  return {
    inHand: () => inHand,
    closing: () => closed !== undefined,
    close: () => (closed ??= close()),
  }
}
