/** The one client of Redis 6 or newer (or Valkey): of the answers kept for replay, and of jobs. */
import {
  ClientClosedError,
  ClientOfflineError,
  ConnectionTimeoutError,
  createClient,
  DisconnectsClientError,
  SocketClosedUnexpectedlyError,
  SocketTimeoutError,
} from '@redis/client'
import { SettingsError } from '../shared/settings.ts'
import { addressOf } from './upstream.ts'

export type Redis = Awaited<ReturnType<typeof connectRedis>>

export interface RedisOptions {
  /** redis:// or rediss:// */
  url: string
  /** The variable that holds the address. */
  setting: string
  /** Whether commands wait for a connection that broke; they reject at once if left out. */
  waits?: boolean
}

const patienceMs = 5000
/** Longer than the longest command that waits for something to happen. */
const longPatienceMs = 30_000

/**
 * Connects, and again whenever the connection breaks; a server that is silent is taken for gone.
 * Throws a `SettingsError` when it cannot be reached now.
 */
export async function connectRedis({ url, setting, waits = false }: RedisOptions) {
  let connected = false
  const silenceMs = waits ? longPatienceMs : patienceMs
  const client = createClient({
    url,
    disableOfflineQueue: !waits,
    commandOptions: { timeout: waits ? undefined : patienceMs },
    // To which an idle server has something to say.
    pingInterval: silenceMs / 3,
    socket: {
      connectTimeout: patienceMs,
      socketTimeout: silenceMs,
      reconnectStrategy: (retries, cause) =>
        connected ? Math.min(50 * 2 ** retries, 2000) : cause,
    },
  })
  // Each call that meets the trouble tells of it.
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (cause) {
    throw new SettingsError(
      `${setting}: no Redis answers at ${hostOf(url)} (${reasonOf(cause)}); start it, or correct the setting`,
      { cause },
    )
  }
  connected = true
  return client
}

/** The part of an address that may be shown. */
export const hostOf = (url: string): string => addressOf(url, undefined).host

/** Of several addresses of one name, each has its own failure. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}

const connectionErrors = [
  ClientClosedError,
  ClientOfflineError,
  ConnectionTimeoutError,
  DisconnectsClientError,
  SocketClosedUnexpectedlyError,
  SocketTimeoutError,
]

/** Whether an error is of a connection that broke, rather than what Redis said. */
export const isOfConnection = (error: Error): boolean =>
  'syscall' in error || connectionErrors.some((kind) => error instanceof kind)
