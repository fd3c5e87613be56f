/** What the list of a policy's models says of it. */
import { type ProblemError, problem } from '../../shared/problems.ts'
import { type Finding, nothingFound } from '../backends/probe.ts'
import type { Listing } from './models.ts'

/** Nobody named a model, and the server lists none. */
export const modelUnknown = (host: string): ProblemError =>
  problem(
    'policy_refused',
    `The policy at ${host} does not say which models it serves. Set TPO_POLICY_MODEL, and check that TPO_POLICY_BASE_URL ends as the server wants it (usually in /v1).`,
  )

const namedAtMost = 5

/** `configured` is the model of TPO_POLICY_MODEL. */
export function policyFinding(
  { models, answered }: Listing,
  host: string,
  configured: string | undefined,
): Finding {
  if (answered === 'something else') {
    throw problem(
      'policy_error',
      `The server at ${host} does not list models as an OpenAI-compatible server does. Check that TPO_POLICY_BASE_URL leads to one and ends as it wants (usually in /v1).`,
    )
  }
  const model = configured ?? models[0]?.id
  if (model === undefined) throw modelUnknown(host)
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
  const names = models.slice(0, namedAtMost).map(({ id }) => id)
  const more = models.length > namedAtMost ? ` and ${models.length - namedAtMost} more` : ''
  const trouble = problem(
    'policy_refused',
    `The policy at ${host} does not serve ${model}, only ${names.join(', ') || 'nothing'}${more}. Set TPO_POLICY_MODEL to a model that it serves.`,
  )
  return { ...finding, trouble }
}
