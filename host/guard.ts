import type { MiddlewareHandler } from 'hono'
import { timingSafeEqual } from 'hono/utils/buffer'
import { bearerToken, parseApiKey, unauthorized } from '../shared/api-keys.ts'
import { refuseOrigin } from '../shared/origins.ts'
import { problem } from '../shared/problems.ts'
import type { ProblemError } from '../shared/problems.ts'
import { refusal } from '../shared/refusal.ts'

export interface GuardRules {
  /** The name this service listens on. */
  host: string
  /** As they are configured: keys, or `name:key`. */
  apiKeys: readonly string[]
  allowedOrigins: readonly string[]
}

const loopback = new Set(['localhost', '127.0.0.1', '[::1]'])

export const isLoopback = (host: string) => loopback.has(host) || host === '::1'

/**
 * Keeps out what a browser on a foreign page could send here: a Host that is not ours (DNS
 * rebinding) and an Origin that is not allowed. With API keys, `/v1` and whatever is more than
 * looking wants one of them.
 */
export function guard(rules: GuardRules): MiddlewareHandler {
  return async (c, next) => {
    const refused =
      refuseHost(rules, c.req.header('host')) ??
      refuseOrigin(rules.allowedOrigins, c.req.header('origin'), c.req.header('host') ?? '') ??
      (needsKey(c.req.method, c.req.path)
        ? await refuseKey(rules, c.req.header('authorization'))
        : undefined)
    if (refused === undefined) return next()
    const { body, status, headers } = refusal(c.req.path, refused.problem)
    return c.body(body, status, headers)
  }
}

/** Pages, health and the like are open; foreign contracts have addresses outside `/v1`. */
function needsKey(method: string, path: string): boolean {
  if (method === 'OPTIONS') return false
  return path.startsWith('/v1/') || (method !== 'GET' && method !== 'HEAD')
}

function refuseHost(rules: GuardRules, host = ''): ProblemError | undefined {
  // Whoever listens beyond loopback has keys, which a rebinding page does not know.
  if (!isLoopback(rules.host)) return undefined
  const name = host.replace(/:\d+$/, '')
  if (loopback.has(name)) return undefined
  return problem('host_not_allowed', `This service answers to localhost, not to "${name}".`)
}

async function refuseKey(
  rules: GuardRules,
  authorization?: string,
): Promise<ProblemError | undefined> {
  if (rules.apiKeys.length === 0) return undefined
  const given = bearerToken(authorization) ?? ''
  const keys = rules.apiKeys.map((entry) => parseApiKey(entry).key)
  const matches = await Promise.all(keys.map((key) => timingSafeEqual(key, given)))
  if (matches.includes(true)) return undefined
  return unauthorized
}
