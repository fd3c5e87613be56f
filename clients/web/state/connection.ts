/** The one way to the API. */
import { TpoClient } from '../../../shared/client.ts'
import { endpoints } from './endpoints.ts'
import { fetchAs } from './login.ts'

/**
 * The API as runs with the policy at `policyUrl` ask it: with the key that this browser has for
 * it, and no other's. `quiet`: without asking a person for the API key.
 */
export function clientFor(policyUrl: string | null | undefined, quiet = false): TpoClient {
  const endpoint = endpoints.value.find(({ url }) => url === policyUrl)
  const policy = endpoint && {
    baseUrl: endpoint.url,
    ...(endpoint.key !== null && { key: endpoint.key }),
  }
  return new TpoClient({ baseUrl: location.origin, policy, fetch: fetchAs(quiet) })
}
