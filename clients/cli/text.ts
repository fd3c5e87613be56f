import { stripVTControlCharacters } from 'node:util'

const wide =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60]|\p{Emoji_Presentation}/u

const columns = (text: string) =>
  [...text].reduce((sum, char) => sum + (wide.test(char) ? 2 : 1), 0)

/** Text of a model without what could steer a terminal. */
export const printable = (text: string): string =>
  stripVTControlCharacters(text.replaceAll('\r\n', '\n'))
    // oxlint-disable-next-line no-control-regex
    .replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, '')

/** The beginning of a text as at most `lines` lines of `width` columns. */
export function excerpt(text: string, width: number, lines: number): string[] {
  const all = wrapped(text, width)
  const last = all[lines - 1]
  if (all.length <= lines || last === undefined) return all
  return [...all.slice(0, lines - 1), `${shortened(last, width - 2)} …`]
}

/** A text as lines of `width` columns. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of words(text, width)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (columns(longer) <= width) line = longer
    else {
      lines.push(line)
      line = word
    }
  }
  return [...lines, line]
}

/** A line without its last words, so that it is at most `width` columns wide. */
function shortened(line: string, width: number): string {
  if (columns(line) <= width) return line
  const piece = cut(line, width)
  return piece.slice(0, Math.max(piece.lastIndexOf(' '), 0)) || piece
}

/** The words of a text; one that is wider than a line comes in pieces, those of a name where it has some. */
function* words(text: string, width: number): Generator<string> {
  for (let word of text.split(/\s+/)) {
    while (columns(word) > width) {
      const most = cut(word, width)
      const [part = ''] = most.match(/^.*[/_-]/) ?? []
      const piece = columns(part) > width / 2 ? part : most
      yield piece
      word = word.slice(piece.length)
    }
    if (word !== '') yield word
  }
}

function cut(text: string, width: number): string {
  let used = 0
  let end = 0
  for (const char of text) {
    used += columns(char)
    if (used > width) break
    end += char.length
  }
  return text.slice(0, end).trimEnd()
}

/** Rows as columns, the first row their heads; a cell is as wide as it looks. */
export function tableLines(rows: readonly (readonly string[])[]): string[] {
  const shown = rows.map((cells) => cells.map(printable))
  const widths = (shown[0] ?? []).map((_, at) =>
    Math.max(...shown.map((cells) => columns(cells[at] ?? ''))),
  )
  return shown.map((cells) =>
    cells
      .map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) - columns(cell)))
      .join('  ')
      .trimEnd(),
  )
}
