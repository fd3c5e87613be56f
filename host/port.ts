import { type AddressInfo, createServer } from 'node:net'
import { environmentName, flagName, type SettingKey } from '../shared/settings.ts'
import { StartError } from './entry.ts'

export type PortKey = Extract<SettingKey, `${string}_port`>

export interface Place {
  /** What a person calls the service, such as "API". */
  name: string
  hostname: string
  port: number
  portKey: PortKey
}

/** Why a service cannot listen at its place, in words. */
export function listenError(place: Place, error: NodeJS.ErrnoException): StartError {
  const { name, hostname, port, portKey } = place
  return new StartError(
    error.code === 'EADDRINUSE'
      ? `port ${port} (${name}) is in use; stop what uses it or choose another with ${flagName(portKey)} or ${environmentName(portKey)}`
      : `the ${name} cannot listen on ${hostname}:${port}: ${error.message}`,
    { cause: error },
  )
}

/**
 * The port of a place, or a free one where it is 0. Throws a `StartError` when the place is taken,
 * before anything is started.
 */
export async function freePort(place: Place): Promise<number> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(place, error)))
    server.listen(place.port, place.hostname, () => {
      const port = portOf(server.address())
      server.close(() => resolve(port))
    })
  })
}

export const portOf = (address: AddressInfo | string | null): number =>
  typeof address === 'object' ? (address?.port ?? 0) : 0
