/** Every error of the API leaves as one RFC 9457 problem, or in OpenAI's shape where OpenAI's clients ask. */
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { z } from 'zod'
import { type Problem, ProblemError, problem, toProblem } from '../shared/problems.ts'
import { refusal } from '../shared/refusal.ts'
import type { AppEnv } from './env.ts'

/** Anything thrown while a request was served, as the problem its caller sees. */
export function problemOf(c: Context<AppEnv>, error: unknown): Problem {
  const known = error instanceof HTTPException ? fromHttp(error) : error
  // A caller who has gone ends the work with an abort, or a body before its end; neither is a fault.
  const fault = !(known instanceof ProblemError) && !c.req.raw.signal.aborted && !isCutOff(known)
  const request_id = c.get('requestId')
  if (fault) c.get('log').error('request failed', known, { request_id })
  const told = { ...toProblem(known), request_id }
  c.set('problem', told)
  return told
}

export function problemResponse(c: Context<AppEnv>, error: unknown): Response {
  const { body, status, headers } = refusal(c.req.path, problemOf(c, error))
  return c.body(body, status, headers)
}

const CutOff = z.object({ code: z.literal('ECONNRESET') })

/** What Node throws where a body ends before it is complete; upstream, the same is a problem by now. */
const isCutOff = (error: unknown) => CutOff.safeParse(error).success

/** What hono's own validators and middleware throw. */
function fromHttp(error: HTTPException): unknown {
  switch (error.status) {
    case 400:
      return problem(
        'invalid_json',
        'The body is not valid JSON. Check its quotes, commas and braces.',
      )
    case 415:
      return problem(
        'unsupported_media_type',
        'Send JSON, with the header "Content-Type: application/json".',
      )
    default:
      return error
  }
}
