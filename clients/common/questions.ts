/** Files of questions: a JSON list, JSON lines or CSV, as people and programs write them. */
import { z } from 'zod'
import { Message, StartRequest } from '../../shared/tpo.ts'
import { readCsv } from './csv-text.ts'
import { placesIn, scanJson } from './json-text.ts'
import { type QuestionError, type QuestionFault, questionFields } from './question-faults.ts'

/** What one asks, under the name its answer goes by. */
export const Question = z.union([
  z.object({ id: z.string(), query: z.string() }),
  z.object({ id: z.string(), messages: z.array(Message) }),
])
export type Question = z.infer<typeof Question>

export interface QuestionFile {
  /** In the file's order; those without a fault. */
  readonly questions: readonly Question[]
  readonly errors: readonly QuestionError[]
  /** Names of fields that nothing reads, so that a misspelt one shows. */
  readonly unread: readonly string[]
}

const readFields = new Set<string>(['id', 'system', 'messages', ...questionFields])

interface Row {
  readonly line: number
  readonly column: number | null
  readonly fields: Record<string, unknown>
}

interface Rows {
  readonly rows: readonly Row[]
  readonly errors: readonly QuestionError[]
}

/**
 * Reads a file of questions. Its name's ending decides only between CSV and JSON; a list and
 * JSON lines are told apart by how they begin. A row is a question alone, or has `query` (or
 * `question`, `prompt`, `instruction`) and maybe `system`, or `messages`; and maybe `id`, which
 * is its number in the file if left out.
 */
export function readQuestions(text: string, name = ''): QuestionFile {
  const clean = text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n')
  const { rows, errors } = readRows(clean, name)
  const questions: Question[] = []
  const wrong = [...errors]
  const lineOf = new Map<string, number>()
  for (const [place, { line, column, fields }] of rows.entries()) {
    const read = readQuestion(fields, String(place + 1))
    if ('kind' in read) {
      wrong.push({ line, column, fault: read })
      continue
    }
    const first = lineOf.get(read.id)
    if (first === undefined) {
      lineOf.set(read.id, line)
      questions.push(read)
    } else {
      wrong.push({ line, column, fault: { kind: 'duplicate_id', id: read.id, first } })
    }
  }
  if (rows.length === 0 && wrong.length === 0) {
    wrong.push({ line: 1, column: null, fault: { kind: 'empty' } })
  }
  const names = new Set(rows.flatMap(({ fields }) => Object.keys(fields)))
  return {
    questions,
    errors: wrong.toSorted((a, b) => a.line - b.line),
    unread: [...names].filter((field) => !readFields.has(field)),
  }
}

function readRows(text: string, name: string): Rows {
  if (text.trim() === '') return { rows: [], errors: [] }
  if (/\.[ct]sv$/i.test(name)) return csvRows(text)
  const begins = text.trimStart()[0]
  if (begins === '[') return listRows(text)
  return begins === '{' || begins === '"' || /\.(?:json|jsonl|ndjson)$/i.test(name)
    ? jsonLineRows(text)
    : csvRows(text)
}

const notJson = (text: string, at: number, linesBefore = 0): QuestionError => {
  const { line, column } = placesIn(text)(at)
  return { line: line + linesBefore, column, fault: { kind: 'not_json' } }
}

function listRows(text: string): Rows {
  const scan = scanJson(text)
  if (!scan.valid) return { rows: [], errors: [notJson(text, scan.at)] }
  const place = placesIn(text)
  return {
    rows: (scan.elements ?? []).map(({ start, end }) => {
      const { line, column } = place(start)
      return { line, column, fields: fieldsOf(JSON.parse(text.slice(start, end))) }
    }),
    errors: [],
  }
}

function jsonLineRows(text: string): Rows {
  const rows: Row[] = []
  const errors: QuestionError[] = []
  for (const [place, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const scan = scanJson(line)
    if (!scan.valid) {
      errors.push(notJson(line, scan.at, place))
    } else if (scan.elements !== null) {
      errors.push({ line: place + 1, column: 1, fault: { kind: 'not_a_list' } })
    } else {
      rows.push({ line: place + 1, column: 1, fields: fieldsOf(JSON.parse(line)) })
    }
  }
  return { rows, errors }
}

/** A JSON row's fields; of a text alone, its question. What is neither has none. */
function fieldsOf(row: unknown): Record<string, unknown> {
  if (typeof row === 'string') return { query: row }
  const fields = z.record(z.string(), z.unknown()).safeParse(row)
  return fields.success ? fields.data : {}
}

function csvRows(text: string): Rows {
  // The first line has no commas but those between its names.
  const [names = ''] = text.split('\n', 1)
  const delimiter = names.match(/[,;\t]/)?.[0] ?? ','
  const { rows: all, wrongAt } = readCsv(text, delimiter)
  if (wrongAt !== null) {
    return { rows: [], errors: [{ ...placesIn(text)(wrongAt), fault: { kind: 'quotes' } }] }
  }
  const [head, ...rest] = all
  const columns = (head?.cells ?? []).map((column) => column.trim().toLowerCase())
  if (!columns.some((column) => column === 'messages' || isQuestionField(column))) {
    return { rows: [], errors: [{ line: 1, column: null, fault: { kind: 'no_column', columns } }] }
  }
  const wrong: QuestionError[] = []
  const rows: Row[] = []
  for (const { line, cells } of rest) {
    const at = { line, column: null }
    const filledTo = cells.findLastIndex((cell) => cell.trim() !== '') + 1
    if (filledTo === 0) continue
    if (filledTo > columns.length) {
      const counts = { cells: filledTo, columns: columns.length }
      wrong.push({ ...at, fault: { kind: 'extra_cells', ...counts } })
      continue
    }
    const filled = columns.flatMap((column, place) => {
      const cell = cells[place] ?? ''
      return cell === '' ? [] : [[column, cell] as const]
    })
    const { messages, ...fields } = Object.fromEntries(filled)
    if (messages === undefined) rows.push({ ...at, fields })
    else if (!scanJson(messages).valid) wrong.push({ ...at, fault: messagesFault })
    else rows.push({ ...at, fields: { ...fields, messages: JSON.parse(messages) } })
  }
  return { rows, errors: wrong }
}

const messagesFault: QuestionFault = {
  kind: 'invalid',
  field: 'messages',
  message: 'must be a JSON list such as [{"role": "user", "content": "…"}]',
}

const isQuestionField = (name: string): boolean => questionFields.some((field) => field === name)

const Id = z.union([z.string().trim().min(1), z.number().transform(String)])
const System = z.string()
const { query: Query, messages: Messages } = StartRequest.shape

/** One row as a question, or what is wrong with it. */
function readQuestion(fields: Record<string, unknown>, number: string): Question | QuestionFault {
  const given = [...questionFields, 'messages'].filter((field) => isGiven(fields[field]))
  const [field] = given
  if (field === undefined) return { kind: 'no_question' }
  if (given.length > 1) return { kind: 'several_questions', fields: given }

  const id = Id.safeParse(isGiven(fields['id']) ? fields['id'] : number)
  if (!id.success) return { kind: 'invalid', field: 'id', message: 'must be a text or a number' }
  const system = System.safeParse(isGiven(fields['system']) ? fields['system'] : '')
  if (!system.success) return { kind: 'invalid', field: 'system', message: 'must be a text' }
  const first: Message[] = system.data === '' ? [] : [{ role: 'system', content: system.data }]

  if (field !== 'messages') {
    const query = Query.unwrap().safeParse(fields[field])
    if (!query.success) return invalid(field, query.error)
    return first.length === 0
      ? { id: id.data, query: query.data }
      : { id: id.data, messages: [...first, { role: 'user', content: query.data }] }
  }
  const messages = Messages.unwrap().safeParse(fields['messages'])
  return messages.success
    ? { id: id.data, messages: [...first, ...messages.data] }
    : invalid('messages', messages.error)
}

const isGiven = (value: unknown): boolean =>
  value !== undefined && value !== null && !(typeof value === 'string' && value.trim() === '')

function invalid(field: string, error: z.ZodError): QuestionFault {
  const [issue] = error.issues
  const path = (issue?.path ?? [])
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
  return { kind: 'invalid', field: `${field}${path}`, message: issue?.message ?? 'is not valid' }
}
