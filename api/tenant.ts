import { bearerToken, parseApiKey } from '../shared/api-keys.ts'
import { digestOf } from './digest.ts'

/** Whom a request speaks for, by its Authorization header. */
export type TenantOf = (authorization: string | undefined) => Promise<string>

/**
 * The tenant of a key is its name, so it outlives a change of the key; that of a key without one
 * is the key's hash. Without a key it is empty: the door lets nobody in without where keys are set.
 */
export function createTenants(apiKeys: readonly string[]): TenantOf {
  let tenants: Promise<Map<string, string>> | undefined
  return async (authorization) => {
    const key = bearerToken(authorization)
    if (key === undefined || apiKeys.length === 0) return ''
    tenants ??= Promise.all(apiKeys.map(tenantOf)).then((entries) => new Map(entries))
    return (await tenants).get(key) ?? ''
  }
}

async function tenantOf(entry: string): Promise<[key: string, tenant: string]> {
  const { name, key } = parseApiKey(entry)
  return [key, name ?? `key ${(await digestOf(key)).slice(0, 32)}`]
}
