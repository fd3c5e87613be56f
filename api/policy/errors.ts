/** Whatever a policy call throws, as a problem that says what to do. */
import { APIConnectionError, APIConnectionTimeoutError, APIError } from 'openai'
import { type ProblemError, problem } from '../../shared/problems.ts'
import { retryAfter } from '../retry.ts'
import { quoted, type Upstream } from '../upstream.ts'
import type { PolicyNames } from './names.ts'

export interface CallContext extends Upstream {
  names: PolicyNames
  timeoutSeconds: number
  /** Whether the call's own time is over. */
  timedOut: boolean
  /** Milliseconds since the epoch. */
  now: number
}

export function policyProblem(error: unknown, context: CallContext): unknown {
  const { host, names } = context
  if (context.timedOut || error instanceof APIConnectionTimeoutError) {
    return problem(
      'policy_timeout',
      `The policy at ${host} did not finish within ${context.timeoutSeconds} s. Try again, ask for fewer tokens, or raise TPO_POLICY_TIMEOUT_SECONDS.`,
      { cause: error },
    )
  }
  if (error instanceof APIConnectionError) {
    return problem(
      'policy_unreachable',
      `No policy answers at ${host}. Is the model server (such as vLLM) running there? ${names.address} says where it is.`,
      { cause: error },
    )
  }
  if (error instanceof APIError) return answered(error, context)
  if (error instanceof SyntaxError) {
    return problem('policy_error', `The policy at ${host} sent a stream that is not valid JSON.`, {
      cause: error,
    })
  }
  return error
}

/** What broke a stream: the server's own words, or a connection that each runtime calls by another name. */
export function streamFault(error: unknown, host: string): unknown {
  return error instanceof APIError || error instanceof SyntaxError ? error : broken(host, error)
}

/** The connection ended before the answer did. */
export function broken(host: string, cause?: unknown): ProblemError {
  return problem(
    'policy_unreachable',
    `The connection to the policy at ${host} broke in the middle of an answer. Try again; the model server's log may say why.`,
    { cause },
  )
}

function answered(error: InstanceType<typeof APIError>, context: CallContext): ProblemError {
  const status: unknown = error.status
  const { host, names } = context
  const said = quoted(error.message.replace(/^\d{3} /, ''), context)
  if (typeof status !== 'number') {
    return problem(
      'policy_error',
      `The policy at ${host} failed in the middle of an answer${said}`,
      {
        cause: error,
      },
    )
  }
  const extras = { upstream_status: status, cause: error }
  if (status === 401 || status === 403) {
    return problem(
      'policy_refused',
      `The policy at ${host} refused the API key (HTTP ${status}). Check ${names.key}.`,
      extras,
    )
  }
  if (status >= 300 && status < 400) {
    return problem(
      'policy_refused',
      `The policy at ${host} sends elsewhere (HTTP ${status}), where neither key nor text is sent. Set ${names.address} to where it is now.`,
      extras,
    )
  }
  if (status === 404) {
    return problem(
      'policy_refused',
      `The policy at ${host} has no such model or address (HTTP 404)${said} Check the model's name, and that ${names.address} ends as the server wants it (usually in /v1).`,
      extras,
    )
  }
  if (status === 408 || status === 504) {
    return problem(
      'policy_timeout',
      `The policy at ${host} timed out (HTTP ${status})${said}`,
      extras,
    )
  }
  if (status === 429 || status >= 500) {
    const busy = status === 429 ? 'has too much to do' : 'failed'
    const wait = Math.ceil((retryAfter(error.headers, context.now) ?? 0) / 1000)
    const asks = wait > 0 ? ` It asks to be left alone for ${wait} s.` : ''
    const detail = `The policy at ${host} ${busy} (HTTP ${status})${said}${asks}`
    return problem('policy_error', detail, extras)
  }
  return problem(
    'policy_refused',
    `The policy at ${host} refused the request (HTTP ${status})${said}`,
    extras,
  )
}
