import type { Policy } from '../inference/generation/policy.ts'
import type { Log } from '../shared/telemetry/log.ts'

export interface AppDeps {
  model: Policy
  log: Log
}
