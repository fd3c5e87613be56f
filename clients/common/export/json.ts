/** A run as a JSON file and back: every branch, nothing lost. */
import { z } from 'zod'
import { placesIn, scanJson } from '../json-text.ts'
import { type RunNode, RunRecord } from '../record.ts'

/** Why a file is no run that can be read, as data: every client has its own words for it. */
export type Unreadable =
  | { readonly kind: 'not_json'; readonly line: number; readonly column: number }
  | { readonly kind: 'not_a_run' }
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'damaged'; readonly path: string; readonly message: string }

export type RunFile =
  | { readonly record: RunRecord; readonly unreadable: null }
  | { readonly record: null; readonly unreadable: Unreadable }

export const runJson = (record: RunRecord): string => `${JSON.stringify(record, null, 2)}\n`

const Header = z.object({ format: z.literal('tpo-run'), version: z.number() })

/** Reads what `runJson` wrote. */
export function readRunJson(text: string): RunFile {
  const clean = text.replace(/^\uFEFF/, '')
  const scan = scanJson(clean)
  if (!scan.valid) return failed({ kind: 'not_json', ...placesIn(clean)(scan.at) })
  const data: unknown = JSON.parse(clean)
  const header = Header.safeParse(data)
  if (!header.success) return failed({ kind: 'not_a_run' })
  const { version } = header.data
  if (version > RunRecord.shape.version.value) return failed({ kind: 'newer', version })
  const read = RunRecord.safeParse(data)
  if (!read.success) {
    const [issue] = read.error.issues
    const path = issue?.path.join('.') ?? ''
    return failed({ kind: 'damaged', path, message: issue?.message ?? 'is not valid' })
  }
  const broken = brokenAt(read.data.nodes)
  return broken === null ? { record: read.data, unreadable: null } : failed(broken)
}

/** In English: what is wrong, and what to do. */
export function describeUnreadable(unreadable: Unreadable): string {
  switch (unreadable.kind) {
    case 'not_json':
      return `line ${unreadable.line}, column ${unreadable.column}: this is not valid JSON; choose a file that was exported as JSON`
    case 'not_a_run':
      return 'this is not an exported run; choose a file that was exported as JSON'
    case 'newer':
      return `this file is of version ${unreadable.version}, newer than this program reads; update it`
    case 'damaged':
      return `the file is damaged at ${unreadable.path}: ${unreadable.message}`
  }
}

const failed = (unreadable: Unreadable): RunFile => ({ record: null, unreadable })

/** The first position that does not hang on the tree, if there is one. */
function brokenAt(nodes: readonly RunNode[]): Unreadable | null {
  const known = new Set<string>()
  for (const [place, { id, parent, step }] of nodes.entries()) {
    const path = `nodes.${place}`
    const damaged = (field: string, message: string): Unreadable => {
      return { kind: 'damaged', path: `${path}.${field}`, message }
    }
    if (known.has(id)) return damaged('id', `${id} is there twice`)
    if ((parent === null) !== (place === 0)) {
      return damaged('parent', 'the first position alone has none')
    }
    if (parent !== null && !known.has(parent)) {
      return damaged('parent', `there is no position ${parent} before it`)
    }
    if ((step === null) !== (place === 0)) {
      return damaged('step', 'the first position alone has none')
    }
    known.add(id)
  }
  return null
}
