import { z } from 'zod'

/**
 * Every way a request can fail, in one table. `retryable` says whether the same request may
 * succeed later; after any of these the cursor that was sent is still good.
 */
export const problemCodes = {
  unreadable_request: { status: 400, retryable: false, title: 'The request cannot be read' },
  headers_too_large: { status: 431, retryable: false, title: 'The headers are too large' },
  request_timeout: { status: 408, retryable: true, title: 'The request took too long to come' },
  invalid_json: { status: 400, retryable: false, title: 'The body is not valid JSON' },
  invalid_request: { status: 422, retryable: false, title: 'The request has a wrong field' },
  host_not_allowed: { status: 403, retryable: false, title: 'This host or origin is not allowed' },
  url_not_allowed: { status: 403, retryable: false, title: 'This address is not allowed' },
  unauthorized: { status: 401, retryable: false, title: 'An API key is needed' },
  not_found: { status: 404, retryable: false, title: 'There is nothing at this address' },
  model_not_found: { status: 404, retryable: false, title: 'No such model is served here' },
  method_not_allowed: { status: 405, retryable: false, title: 'This address takes another method' },
  unsupported_media_type: { status: 415, retryable: false, title: 'The body must be JSON' },
  body_too_large: { status: 413, retryable: false, title: 'The body is too large' },
  cursor_invalid: { status: 400, retryable: false, title: 'The cursor cannot be read' },
  cursor_expired: { status: 410, retryable: false, title: 'The cursor has expired' },
  cursor_foreign: { status: 400, retryable: false, title: 'The cursor is from elsewhere' },
  cursor_too_new: { status: 400, retryable: false, title: 'The cursor is of a newer version' },
  run_too_large: { status: 422, retryable: false, title: 'The run is too large for a cursor' },
  run_finished: { status: 409, retryable: false, title: 'The run is over' },
  wrong_step: { status: 409, retryable: false, title: 'Another step is next' },
  idempotency_key_reused: {
    status: 422,
    retryable: false,
    title: 'This Idempotency-Key stands for another request',
  },
  job_not_found: { status: 404, retryable: false, title: 'There is no such job' },
  job_id_reused: { status: 422, retryable: false, title: 'This id stands for another job' },
  jobs_unavailable: { status: 501, retryable: false, title: 'There are no jobs here' },
  jobs_unreachable: {
    status: 503,
    retryable: true,
    title: 'The queue of jobs cannot be reached',
  },
  too_many_tokens: {
    status: 422,
    retryable: false,
    title: 'The text is longer than the model takes',
  },
  too_many_requests: { status: 429, retryable: true, title: 'Too many requests are under way' },
  overloaded: { status: 503, retryable: true, title: 'Too much is waiting' },
  not_ready: { status: 503, retryable: true, title: 'The service is still starting' },
  replay_unavailable: {
    status: 503,
    retryable: true,
    title: 'The store of answers cannot be reached',
  },
  policy_unreachable: { status: 502, retryable: true, title: 'The policy cannot be reached' },
  policy_error: { status: 502, retryable: true, title: 'The policy answered with an error' },
  policy_refused: { status: 502, retryable: false, title: 'The policy refused the request' },
  policy_empty: { status: 502, retryable: true, title: 'The policy returned no answer' },
  policy_timeout: { status: 504, retryable: true, title: 'The policy took too long' },
  reward_unreachable: { status: 502, retryable: true, title: 'The reward model cannot be reached' },
  reward_error: { status: 502, retryable: true, title: 'The reward model answered with an error' },
  reward_refused: { status: 502, retryable: false, title: 'The reward model refused the request' },
  reward_timeout: { status: 504, retryable: true, title: 'The reward model took too long' },
  internal: { status: 500, retryable: false, title: 'A fault in this service' },
} as const

export type ProblemCode = keyof typeof problemCodes

export const problemCodeNames = Object.keys(problemCodes) as [ProblemCode, ...ProblemCode[]]

/** RFC 9457 `application/problem+json`. */
export const Problem = z
  .object({
    type: z.string().describe('A URN that names the code'),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().describe('What happened and what to do'),
    code: z.enum(problemCodeNames),
    retryable: z.boolean().describe('Whether the same request may succeed later'),
    path: z.string().optional().describe('JSON path of the field that is wrong'),
    expected: z.string().optional().describe('The step that is next, where another was asked for'),
    upstream_status: z.number().int().optional().describe('What the upstream server answered'),
    request_id: z.string().optional(),
  })
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof Problem>

export type ProblemExtras = Pick<Problem, 'path' | 'expected' | 'upstream_status'>

/** The one error the services throw on purpose and the client throws on a problem answer. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  readonly problem: Problem

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.detail, options)
    this.problem = problem
  }
}

/** Builds a problem of a code from the table; `detail` says what happened and what to do. */
export function problem(
  code: ProblemCode,
  detail: string,
  extras: ProblemExtras & ErrorOptions = {},
): ProblemError {
  const { cause, ...fields } = extras
  const { title, status, retryable } = problemCodes[code]
  return new ProblemError(
    { type: `urn:tpo:problem:${code}`, title, status, detail, code, retryable, ...fields },
    { cause },
  )
}

/** What a caller sent, to be quoted in a few words however long it is. */
export const short = (text: string, most = 80): string =>
  text.length > most ? `${text.slice(0, most)}…` : text

/** The first issue of a failed parse as a problem that names the field by its JSON path. */
export function invalidRequest(error: z.ZodError): ProblemError {
  const issue = deepest(error.issues)
  if (issue === undefined) return problem('invalid_request', 'The request is not valid.')
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  const keys = unknown === undefined ? issue.path : [...issue.path, unknown]
  const path = `$${keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${short(String(key))}`)).join('')}`
  const message = unknown === undefined ? short(issue.message, 500) : 'there is no such field'
  return problem('invalid_request', `${path}: ${message}`, { path })
}

type Issue = z.core.$ZodIssue

/** The first issue; of a union, that of the member which knows most of the fields that were sent. */
function deepest(issues: readonly Issue[]): Issue | undefined {
  const [first] = issues
  if (first?.code !== 'invalid_union') return first
  const unknown = (member: readonly Issue[]) =>
    member.reduce((sum, i) => sum + (i.code === 'unrecognized_keys' ? i.keys.length : 0), 0)
  const members = [...first.errors].sort((a, b) => unknown(a) - unknown(b) || a.length - b.length)
  const best = members[0] === undefined ? undefined : deepest(members[0])
  // A member's own path begins at the union.
  return best === undefined ? first : { ...best, path: [...first.path, ...best.path] }
}

/** Anything thrown, as a problem: a fault of ours stays nameless to the outside. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  return problem('internal', 'Something went wrong inside the service; its log says what.').problem
}
