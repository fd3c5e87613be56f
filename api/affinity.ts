/** Keeps requests of one question together where several replicas of a server share the work. */
import type { Message } from '../shared/tpo.ts'

/** A balancer that hashes on it sends what begins alike to one replica, as docs/replicas.md says. */
export const affinityHeader = 'x-tpo-affinity'

/**
 * The same for the same question: FNV-1a, whose 32 bits are as many as a balancer uses, and too few
 * to tell the question. A digest in WebCrypto takes as much of the processor as the rest of a step.
 */
export function affinityOf(messages: readonly Message[]): string {
  let hash = 0x811c9dc5
  for (const part of messages.flatMap(({ role, content }) => [role, '\0', content, '\0'])) {
    for (let at = 0; at < part.length; at++) {
      hash = Math.imul(hash ^ part.charCodeAt(at), 0x01000193)
    }
  }
  return (hash >>> 0).toString(16).padStart(8, '0')
}
