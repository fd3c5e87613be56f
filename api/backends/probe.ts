/** What a backend can tell of itself. */
import type { ProblemError } from '../../shared/problems.ts'
import type { BackendStatus } from '../../shared/backends.ts'

export type BackendName = Pick<BackendStatus, 'role' | 'server' | 'speaks'>

/** What a probe found behind an address that answers; null is unknown. */
export type Finding = Pick<
  BackendStatus,
  'authorised' | 'model' | 'model_present' | 'models' | 'context_length' | 'dtype' | 'provider'
> & {
  /** What keeps a run from using it. */
  trouble?: ProblemError
}

export interface Probed {
  backend: BackendName
  /** What says where it is. */
  address: string
  /** Asks the server; calls no model. Throws a problem where it cannot be used at all. */
  probe: (signal: AbortSignal) => Promise<Finding>
}

/** What is known before anything is. */
export const nothingFound: Finding = {
  authorised: null,
  model: null,
  model_present: null,
  models: [],
  context_length: null,
  dtype: null,
  provider: null,
}
