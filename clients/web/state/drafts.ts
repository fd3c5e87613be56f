/** Edits that were begun and not sent, of every position, for as long as the page lives. */
import { type Signal, signal } from '@preact/signals'
import type { Edit } from '../../../shared/client.ts'

/** An edit in the making: its texts may still be empty. */
export type Draft = Edit

const drafts = new Map<string, Signal<Draft>>()

/** The draft of a position; ids of positions are unique in their run only. */
export function draftOf(run: string, node: string): Signal<Draft> {
  const key = JSON.stringify([run, node])
  const known = drafts.get(key)
  if (known !== undefined) return known
  const added = signal<Draft>({})
  drafts.set(key, added)
  return added
}

/** What of a draft is an edit; undefined where it changes nothing. */
export function editOf({ add, drop, sampling, ...draft }: Draft): Edit | undefined {
  const own = add?.filter((text) => text.trim() !== '') ?? []
  const edit: Edit = {
    ...draft,
    ...(own.length > 0 && { add: own }),
    ...(drop !== undefined && drop.length > 0 && { drop }),
    ...(sampling !== undefined && Object.keys(sampling).length > 0 && { sampling }),
  }
  return Object.keys(edit).length > 0 ? edit : undefined
}

/** The draft with a field set, or without it where the value is undefined. */
export function withField<K extends keyof Draft>(
  draft: Draft,
  field: K,
  value: Draft[K] | undefined,
): Draft {
  const { [field]: _, ...others } = draft
  return value === undefined ? others : { ...others, [field]: value }
}
