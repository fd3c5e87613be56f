/** Which pages of other origins may call the services. */
import { type ProblemError, problem } from './problems.ts'

/** Options of Hono's `cors`. */
export const corsOptions = (origins: string[]) => ({
  origin: origins,
  maxAge: 600,
  exposeHeaders: ['Idempotency-Replayed', 'Retry-After', 'X-Request-Id'],
})

/** Refuses a page of an origin that is neither allowed nor this one; `host` is that of the request. */
export function refuseOrigin(
  allowed: readonly string[],
  origin: string | undefined,
  host: string,
): ProblemError | undefined {
  if (origin === undefined || allowed.includes(origin)) return undefined
  if (URL.parse(origin)?.host === host) return undefined
  return problem(
    'host_not_allowed',
    `Pages of ${origin} may not call this service; the operator can allow them with TPO_ALLOWED_ORIGINS.`,
  )
}
