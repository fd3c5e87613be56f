/** Requests to the hub, with its refusals in words. */
import { reason, UnreachableError } from '../download/unreachable.ts'
import { StartError } from '../entry.ts'
import type { Hub } from './environment.ts'
import type { HubModel } from './id.ts'

/**
 * A `fetch` for one model. It shows the token to the hub alone, and rejects with a `StartError`
 * of one line unless the answer is a success; an `UnreachableError` where trying again may help.
 */
export function hubFetch(hub: Hub, model: HubModel): typeof fetch {
  const { origin, host } = new URL(hub.endpoint)
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const headers = new Headers(init?.headers)
    // A redirect to another origin loses this header, as fetch is specified.
    if (hub.token !== undefined && url.origin === origin) {
      headers.set('authorization', `Bearer ${hub.token}`)
    }
    const signal = init?.signal ?? AbortSignal.timeout(hub.patience)
    const response = await fetch(url, { ...init, headers, signal }).catch((cause: unknown) => {
      throw new UnreachableError(
        `${host} cannot be reached (${reason(cause)}); check the network and HF_ENDPOINT`,
        { cause },
      )
    })
    if (response.ok) return response
    await response.body?.cancel()
    throw refusal(hub, model, response)
  }
}

function refusal(hub: Hub, { id, revision }: HubModel, response: Response): StartError {
  const { host } = new URL(hub.endpoint)
  const page = `${hub.endpoint}/${id}`
  const code = response.headers.get('x-error-code')
  const { status } = response
  if (status === 429 || status >= 500) {
    return new UnreachableError(`${host} answers with status ${status}, try again later`)
  }
  if (status === 404) {
    return new StartError(
      code === 'RevisionNotFound'
        ? `${id} has no revision ${revision}; ${page}/tree/main lists them`
        : `there is no model ${id} on ${host}, and no folder of that name here; check the spelling`,
    )
  }
  if (status !== 401 && status !== 403) {
    return new StartError(`${host} refuses ${id} with status ${status}`)
  }
  if (hub.token !== undefined) {
    return new StartError(
      `${host} does not let this token have ${id}: accept the model's licence at ${page} with the token's account, or set HF_TOKEN to a token that may read it`,
    )
  }
  // Without a token, the hub says 401 for what does not exist, too.
  const why = code === 'GatedRepo' ? 'is gated' : 'is private or gated, or does not exist'
  return new StartError(
    `${id} ${why}: accept its licence at ${page} and set HF_TOKEN to a token of that account (${hub.endpoint}/settings/tokens)`,
  )
}
