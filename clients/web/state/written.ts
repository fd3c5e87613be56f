/** What a step has written so far, from its events. */
import type { StreamEvent } from '../../../shared/client.ts'

/** The candidate that an event speaks of; what speaks of none is a lane of its own. */
export const laneOf = (event: StreamEvent): number =>
  event.type === 'candidate' ? event.candidate.index : 'index' in event ? event.index : -1

/** Tokens as they are written: about one a delta, and exactly once a candidate is complete. */
export function tokenCount() {
  const written = new Map<number, number>()
  return {
    add(event: StreamEvent) {
      if (event.type === 'delta') written.set(event.index, (written.get(event.index) ?? 0) + 1)
      else if (event.type === 'candidate') {
        written.set(event.candidate.index, event.candidate.tokens)
      }
    },
    total: () => [...written.values()].reduce((sum, tokens) => sum + tokens, 0),
  }
}
