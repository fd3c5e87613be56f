/** The runs this browser keeps. */
import { batch, signal } from '@preact/signals'
import { z } from 'zod'
import { readRunJson, type Unreadable } from '../../common/export/json.ts'
import { RunRecord } from '../../common/record.ts'
import { RunSummary, summaryOf } from '../../common/summary.ts'
import { shelf } from './shelf.ts'

/** `kept_at`: when it was worked on last. */
export const Entry = RunSummary.extend({ kept_at: z.iso.datetime() })
export type Entry = z.infer<typeof Entry>

const runs = shelf('runs', RunRecord, ({ id }) => id)
const summaries = shelf('summaries', Entry, ({ id }) => id)

/** All runs that are kept, the newest first; null until they were asked for. */
export const entries = signal<readonly Entry[] | null>(null)
/** The one that was deleted last, for as long as that can be undone. */
export const deleted = signal<{ readonly entry: Entry; readonly record: RunRecord } | null>(null)

const waiting = new Map<string, RunRecord>()
let turn = Promise.resolve()

/** One after another, so that what is deleted stays so. */
const inTurn = (work: () => Promise<void>): Promise<void> => {
  turn = turn.then(work)
  return turn
}

/** Keeps a record as it is now; of several that come while one is written, the last. */
export function keep(record: RunRecord): void {
  const queued = waiting.has(record.id)
  waiting.set(record.id, record)
  if (!queued) void inTurn(() => writeWaiting(record.id))
}

async function writeWaiting(id: string): Promise<void> {
  for (let record = waiting.get(id); record !== undefined; record = waiting.get(id)) {
    await write(record, { ...summaryOf(record), kept_at: new Date().toISOString() })
    if (waiting.get(id) === record) waiting.delete(id)
  }
}

async function write(record: RunRecord, entry: Entry): Promise<void> {
  await runs.put(record)
  await summaries.put(entry)
  if (entries.value !== null) show([...without(entries.value, entry.id), entry])
}

/** Reads what there is to list. */
export async function list(): Promise<void> {
  show(await summaries.all())
}

/** A run that is kept; null where this browser has none of that id. */
export const load = async (id: string): Promise<RunRecord | null> =>
  waiting.get(id) ?? (await runs.get(id))

/** Deletes a run, which can be undone until the next one is deleted. */
export function remove(entry: Entry): Promise<void> {
  return inTurn(async () => {
    const record = await load(entry.id)
    waiting.delete(entry.id)
    await Promise.all([runs.remove(entry.id), summaries.remove(entry.id)])
    batch(() => {
      deleted.value = record === null ? null : { entry, record }
      show(without(entries.value ?? [], entry.id))
    })
  })
}

export function undoRemove(): Promise<void> {
  return inTurn(async () => {
    if (deleted.value === null) return
    const { entry, record } = deleted.value
    deleted.value = null
    await write(record, entry)
  })
}

/**
 * Keeps a run from a file and gives its id. Where another run of that id is kept already, the file's
 * gets an id of its own: neither overwrites the other.
 */
export async function importRun(text: string): Promise<string | Unreadable> {
  const { record, unreadable } = readRunJson(text)
  if (record === null) return unreadable
  let id = record.id
  for (let copy = 2; ; copy++) {
    const known = await load(id)
    if (known === null || sameNodes(known, record)) break
    id = `${record.id}.${copy}`
  }
  keep({ ...record, id })
  return id
}

const sameNodes = (one: RunRecord, other: RunRecord): boolean =>
  JSON.stringify(one.nodes) === JSON.stringify(other.nodes)

function show(all: readonly Entry[]): void {
  entries.value = all.toSorted((a, b) => b.kept_at.localeCompare(a.kept_at))
}

const without = (all: readonly Entry[], id: string) => all.filter((entry) => entry.id !== id)
