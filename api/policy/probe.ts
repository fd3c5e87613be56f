/** What the list of a policy's models says of it. */
import { type ProblemError, problem } from '../../shared/problems.ts'
import { type Finding, nothingFound } from '../backends/probe.ts'
import type { Listing } from './models.ts'
import type { PolicyNames } from './names.ts'

/** Nobody named a model, and the server lists none. */
export const modelUnknown = (host: string, { model, address }: PolicyNames): ProblemError =>
  problem(
    'policy_refused',
    `The policy at ${host} does not say which models it serves. Set ${model}, and check that ${address} ends as the server wants it (usually in /v1).`,
  )

const namedAtMost = 5

/** `configured` is the model of TPO_POLICY_MODEL. */
export function policyFinding(
  { models, answered }: Listing,
  host: string,
  names: PolicyNames,
  configured: string | undefined,
): Finding {
  if (answered === 'something else') {
    throw problem(
      'policy_error',
      `The server at ${host} does not list models as an OpenAI-compatible server does. Check that ${names.address} leads to one and ends as it wants (usually in /v1).`,
    )
  }
  const model = configured ?? models[0]?.id
  if (model === undefined) throw modelUnknown(host, names)
  const served = models.find(({ id }) => id === model)
  const listed = answered === 'list'
  const finding = {
    ...nothingFound,
    // A server without the list may not have looked at the key.
    authorised: listed ? true : null,
    model,
    model_present: listed ? served !== undefined : null,
    models: models.map(({ id }) => id),
    context_length: served?.max_model_len ?? null,
  }
  if (finding.model_present !== false) return finding
  const some = models.slice(0, namedAtMost).map(({ id }) => id)
  const more = models.length > namedAtMost ? ` and ${models.length - namedAtMost} more` : ''
  const trouble = problem(
    'policy_refused',
    `The policy at ${host} does not serve ${model}, only ${some.join(', ') || 'nothing'}${more}. Set ${names.model} to a model that it serves.`,
  )
  return { ...finding, trouble }
}
