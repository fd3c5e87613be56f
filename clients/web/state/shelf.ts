/** What this browser keeps, in IndexedDB; where it refuses, in memory until the page is closed. */
import { signal } from '@preact/signals'
import { type IDBPDatabase, openDB } from 'idb'
import type { z } from 'zod'

const shelves = ['runs', 'summaries', 'batches', 'answers'] as const

/** Why the last thing was not kept; null while all is well. */
export const trouble = signal<'refused' | 'full' | null>(null)

export interface Shelf<T> {
  /** Never fails: what is not kept is told by `trouble`, and is found until the page is closed. */
  put(value: T): Promise<void>
  /** Null where it is not there, or cannot be read any more. */
  get(key: string): Promise<T | null>
  all(): Promise<T[]>
  remove(key: string): Promise<void>
  keys(): Promise<string[]>
}

/** One kind of things; what is read back is checked like anything else that comes from outside. */
export function shelf<S extends z.ZodType>(
  name: (typeof shelves)[number],
  schema: S,
  keyOf: (value: z.output<S>) => string,
): Shelf<z.output<S>> {
  const unkept = new Map<string, z.output<S>>()
  const read = (value: unknown): z.output<S>[] => {
    const { data } = schema.safeParse(value)
    return data === undefined ? [] : [data]
  }
  return {
    async put(value) {
      const key = keyOf(value)
      try {
        await (await database()).put(name, value, key)
        unkept.delete(key)
        trouble.value = null
      } catch (error) {
        unkept.set(key, value)
        trouble.value =
          error instanceof Error && error.name === 'QuotaExceededError' ? 'full' : 'refused'
      }
    },
    async get(key) {
      const here = unkept.get(key)
      if (here !== undefined) return here
      const kept: unknown = await tried((db) => db.get(name, key), undefined)
      return read(kept)[0] ?? null
    },
    async all() {
      const kept = await tried<unknown[]>((db) => db.getAll(name), [])
      const found = new Map(kept.flatMap(read).map((value) => [keyOf(value), value]))
      return [...found, ...unkept].map(([, value]) => value)
    },
    async remove(key) {
      unkept.delete(key)
      await tried((db) => db.delete(name, key), undefined)
    },
    async keys() {
      const kept = await tried((db) => db.getAllKeys(name), [])
      return [...kept.map(String), ...unkept.keys()]
    },
  }
}

/** What a browser that keeps nothing has kept: `otherwise`. */
async function tried<T>(ask: (db: IDBPDatabase) => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await ask(await database())
  } catch {
    return otherwise
  }
}

let opened: Promise<IDBPDatabase> | null = null

async function database(): Promise<IDBPDatabase> {
  opened ??= openDB('tpo', 1, {
    upgrade(db) {
      for (const name of shelves) db.createObjectStore(name)
    },
    // A page of a newer version waits for this one to let go.
    blocking: () => void opened?.then((db) => db.close()),
    terminated: () => {
      opened = null
    },
  })
  try {
    return await opened
  } catch (error) {
    opened = null
    throw error
  }
}
