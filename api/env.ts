import type { OpenAPIHono } from '@hono/zod-openapi'
import type { RequestIdVariables } from 'hono/request-id'
import type { Log } from './log.ts'
import type { Replay } from './replay/replay.ts'
import type { Runs } from './runs.ts'

/** What every handler of the API can reach. */
export interface AppEnv {
  Variables: RequestIdVariables & {
    log: Log
    runs: Runs
    replay: Replay
    tenant: string
    heartbeatMs: number | undefined
  }
}

export type App = OpenAPIHono<AppEnv>
