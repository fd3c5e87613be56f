import type { Policy } from '../inference/generation/policy.ts'

/** Where faults of this service are told. */
export type Log = (message: string, error: unknown) => void

export interface AppDeps {
  model: Policy
  log: Log
}
