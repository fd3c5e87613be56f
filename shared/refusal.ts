/** How a problem leaves as an HTTP answer: in OpenAI's shape where OpenAI's clients ask. */
import type { OpenAiError } from './openai.ts'
import { type Problem, type ProblemCode, problemCodes } from './problems.ts'

/** The addresses that speak OpenAI's contract. */
const openAiPaths: ReadonlySet<string> = new Set(['/v1/chat/completions', '/v1/models'])

export interface Refusal {
  body: string
  status: (typeof problemCodes)[ProblemCode]['status']
  headers: Record<string, string>
}

/** The answer to a failed request for `path`. */
export function refusal(path: string, problem: Problem): Refusal {
  const wait: Record<string, string> = problem.status === 429 ? { 'retry-after': '1' } : {}
  if (!openAiPaths.has(path)) {
    const headers = { 'content-type': 'application/problem+json', ...wait }
    return { body: JSON.stringify(problem), status: problemCodes[problem.code].status, headers }
  }
  return {
    body: JSON.stringify(openAiError(problem)),
    status: openAiStatus(problem),
    headers: {
      'content-type': 'application/json',
      // OpenAI's clients repeat every 5xx unless told not to, and a run is dear.
      'x-should-retry': String(problem.retryable),
      ...wait,
    },
  }
}

/** A problem as OpenAI words one. */
export function openAiError(problem: Problem): OpenAiError {
  const { detail, code, path } = problem
  return {
    error: {
      message: detail,
      type: openAiType(problem),
      param: path?.replace(/^\$\.?/, '') || null,
      code: openAiCodes[code] ?? code,
    },
  }
}

/** Where OpenAI has a name of its own. */
const openAiCodes: Partial<Record<ProblemCode, string>> = {
  unauthorized: 'invalid_api_key',
  too_many_requests: 'rate_limit_exceeded',
}

function openAiType(problem: Problem): string {
  const status = openAiStatus(problem)
  if (status === 429) return 'requests'
  return status < 500 ? 'invalid_request_error' : 'server_error'
}

/** OpenAI's 422 is 400. What the policy refuses of a request is the caller's mistake: most of it is passed on. */
function openAiStatus({ code, upstream_status = 0 }: Problem): Refusal['status'] {
  const { status } = problemCodes[code]
  const passedOn = code === 'policy_refused' && [400, 422].includes(upstream_status)
  if (code === 'idempotency_key_reused') return status
  return status === 422 || passedOn ? 400 : status
}
