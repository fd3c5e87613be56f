/** API keys of the service: what callers show, and whose runs are whose. */
import { problem } from './problems.ts'

interface ApiKey {
  /** Whose key it is; all keys of one name are one caller. */
  name?: string
  key: string
}

/** An entry of `api_keys`: `name:key`, or a key alone. */
export function parseApiKey(entry: string): ApiKey {
  const { name, key } = /^(?<name>[\w.-]{1,64}):(?<key>.+)$/.exec(entry)?.groups ?? {}
  return key === undefined ? { key: entry } : { name, key }
}

/** The key of a header "Authorization: Bearer …". */
export const bearerToken = (authorization = ''): string | undefined =>
  /^Bearer +(\S+) *$/i.exec(authorization)?.[1]

/** What a caller without one of the keys is told. */
export const unauthorized = problem(
  'unauthorized',
  'Send one of the service’s keys as "Authorization: Bearer …".',
)
