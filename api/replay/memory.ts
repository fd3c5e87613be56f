/** The replay store of one process, bounded: the answers that were asked for least lately go first. */
import type { ReplayStore } from './store.ts'

export interface MemoryStoreOptions {
  /** What keys and answers may take, in bytes. */
  bytes: number
  /** Milliseconds since the epoch. */
  clock: () => number
}

interface Claim {
  owner: string
  until: number
}

interface Stored {
  answer: string
  until: number
}

/** What the engine needs for an entry besides its two strings, at most; measured on V8. */
const entryBytes = 256

export function createMemoryStore({ bytes, clock }: MemoryStoreOptions): ReplayStore {
  const claims = new Map<string, Claim>()
  /** In the order of their last use. */
  const answers = new Map<string, Stored>()
  let taken = 0

  function drop(key: string): void {
    const stored = answers.get(key)
    if (stored === undefined) return
    answers.delete(key)
    taken -= sizeOf(key, stored.answer)
  }

  function find(key: string): string | undefined {
    const stored = answers.get(key)
    if (stored === undefined) return undefined
    if (stored.until <= clock()) {
      drop(key)
      return undefined
    }
    answers.delete(key)
    answers.set(key, stored)
    return stored.answer
  }

  return {
    async claim(key, owner, lease) {
      const held = claims.get(key)
      const free = held === undefined || held.owner === owner || held.until <= clock()
      if (!free || find(key) !== undefined) return false
      claims.set(key, { owner, until: clock() + lease })
      return true
    },

    async complete(key, answer, lifetime) {
      const first = find(key)
      if (first !== undefined) return first
      claims.delete(key)
      const size = sizeOf(key, answer)
      if (size > bytes) return answer
      answers.set(key, { answer, until: clock() + lifetime })
      taken += size
      for (const oldest of answers.keys()) {
        if (taken <= bytes) break
        drop(oldest)
      }
      return answer
    },

    async release(key, owner) {
      if (claims.get(key)?.owner === owner) claims.delete(key)
    },

    async read(key) {
      return find(key)
    },
  }
}

/** Strings with a character beyond Latin-1 take two bytes for each. */
const sizeOf = (key: string, answer: string) => entryBytes + 2 * (key.length + answer.length)
