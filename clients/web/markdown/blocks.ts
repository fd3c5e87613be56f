/** Markdown as blocks; of a text that grows, only the last one is read anew. */
import { Lexer, type MarkedToken } from 'marked'

export interface Block {
  /** As it was written; all of a text's, one after the other, are the text. */
  readonly raw: string
  /** Null where it is to be shown as it was written. */
  readonly token: MarkedToken | null
}

export interface Blocks {
  readonly text: string
  readonly blocks: readonly Block[]
}

export const noBlocks: Blocks = { text: '', blocks: [] }

/** The blocks of a text. Those that it shares with `before`, from the start, are the same objects. */
export function blocksOf(written: string, before: Blocks = noBlocks): Blocks {
  const text = written.replace(/\r\n?/g, '\n')
  if (text === before.text) return before
  const { kept, length } = shared(text, before.blocks)
  return { text, blocks: [...kept, ...read(text.slice(length))] }
}

/** The blocks a text begins with, but for the last: what follows can change it. */
function shared(text: string, blocks: readonly Block[]) {
  let length = 0
  let settled = { kept: blocks.slice(0, 0), length }
  for (const [at, { raw, token }] of blocks.entries()) {
    if (token?.type !== 'space') settled = { kept: blocks.slice(0, at), length }
    if (!text.startsWith(raw, length)) break
    length += raw.length
  }
  return settled
}

function read(text: string): Block[] {
  const asWritten = [{ raw: text, token: null }]
  if (isHard(text)) return asWritten
  try {
    // Without extensions there are no tokens but marked's own.
    const tokens = Lexer.lex(text) as MarkedToken[]
    const whole = tokens.reduce((sum, { raw }) => sum + raw.length, 0) === text.length
    return whole ? tokens.map((token) => ({ raw: token.raw, token })) : asWritten
  } catch {
    return asWritten
  }
}

const nestedDeep = /^(?:[ \t]*(?:[>*+-]|\d{1,9}[.)])){16}/m
const fenced = /^ {0,3}(`{3,}|~{3,})[^\n]*\n[^]*?(?:^ {0,3}\1|$(?![^]))/gm
const delimitersOfParagraph = 1000
const longest = 400_000

/** Whether reading it could take a time that grows with the square of its length, or never end. */
function isHard(text: string): boolean {
  if (text.length > longest || nestedDeep.test(text)) return true
  return text
    .replace(fenced, '')
    .split(/\n[ \t]*\n/)
    .some((part) => (part.match(/[_*~`[\]<]/g)?.length ?? 0) > delimitersOfParagraph)
}
