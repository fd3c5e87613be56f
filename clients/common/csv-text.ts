/** Comma-separated values as RFC 4180 and spreadsheets have them. */

export interface CsvRow {
  /** Where it begins, from 1. */
  readonly line: number
  readonly cells: readonly string[]
}

/** The rows of a text whose lines end in `\n`; `wrongAt`: a quotation mark that ends nowhere, or too early. */
export function readCsv(
  text: string,
  delimiter: string,
): { readonly rows: readonly CsvRow[]; readonly wrongAt: number | null } {
  const rows: CsvRow[] = []
  const ends = new RegExp(`[${delimiter}\n]|$`, 'g')
  let line = 1
  for (let at = 0; at < text.length; at++) {
    const row = { line, cells: [] as string[] }
    rows.push(row)
    for (;;) {
      const from = at
      if (text[at] === '"') {
        do {
          const mark = text.indexOf('"', at + 1)
          if (mark < 0) return { rows, wrongAt: from }
          at = mark + 1
        } while (text[at] === '"')
        row.cells.push(text.slice(from + 1, at - 1).replaceAll('""', '"'))
        while (text[at] === ' ') at += 1
        if (at < text.length && text[at] !== delimiter && text[at] !== '\n') {
          return { rows, wrongAt: at }
        }
      } else {
        ends.lastIndex = at
        at = ends.exec(text)?.index ?? text.length
        row.cells.push(text.slice(from, at))
      }
      if (text[at] !== delimiter) break
      at += 1
    }
    line += row.cells.reduce((sum, cell) => sum + cell.split('\n').length - 1, 1)
  }
  return { rows, wrongAt: null }
}

export type Cell = string | number | boolean | null

/** A table for spreadsheets: marked as UTF-8, and no text in it is read as a formula. */
export const writeCsv = (rows: readonly (readonly Cell[])[]): string =>
  `\uFEFF${rows.map(csvRow).join('')}`

/** One row of it, with the end of its line. */
export const csvRow = (row: readonly Cell[]): string => `${row.map(written).join(',')}\r\n`

const formula = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/

function written(cell: Cell): string {
  if (typeof cell !== 'string') return String(cell ?? '')
  const text = formula.test(cell) ? `'${cell}` : cell
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
