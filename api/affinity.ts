/** Keeps requests of one question together where several replicas of a server share the work. */
import type { Message } from '../shared/tpo.ts'
import { digestOf } from './digest.ts'

/** A balancer that hashes on it sends what begins alike to one replica, as docs/replicas.md says. */
export const affinityHeader = 'x-tpo-affinity'

/**
 * The same for the same question, and nothing that tells it; half of the digest is enough to choose
 * among replicas.
 */
export const affinityOf = async (messages: readonly Message[]): Promise<string> =>
  (await digestOf(JSON.stringify(messages.map(({ role, content }) => [role, content])))).slice(
    0,
    32,
  )
