import type { OpenAPIHono } from '@hono/zod-openapi'
import type { RequestIdVariables } from 'hono/request-id'
import type { Problem } from '../shared/problems.ts'
import type { Log } from '../shared/telemetry/log.ts'
import type { Replay } from './replay/replay.ts'
import type { Runs } from './runs.ts'

/** What every handler of the API can reach. */
export interface AppEnv {
  Bindings: {
    /** Where a request's work may end with its caller: lets it end in order. */
    waitUntil?: (work: Promise<unknown>) => void
  }
  Variables: RequestIdVariables & {
    log: Log
    runs: Runs
    replay: Replay
    tenant: string
    heartbeatMs: number | undefined
    /** What was answered, where it was a problem. */
    problem?: Problem
    /** Resolves when an answer that is streamed is whole; never rejects. */
    streamed?: Promise<void>
  }
}

export type App = OpenAPIHono<AppEnv>
