/** From what a model wrote to what counts: thinking set apart, the answer taken from its tags. */
import type { State } from './state.ts'

export interface Split {
  text: string
  thinking?: string
}

const openThink = '<think>'
const closeThink = '</think>'

/**
 * Sets thinking apart: the server's reasoning field, leading `<think>…</think>` blocks, an
 * unclosed leading `<think>`, and what stands before a lone `</think>` (templates that open the
 * block in the prompt). Tags that an answer merely mentions stay in it.
 */
export function splitThinking(content: string, reasoning = ''): Split {
  const thoughts = [reasoning]
  let text = content.trim()
  while (text.startsWith(openThink)) {
    const end = text.indexOf(closeThink)
    const inner = text.slice(openThink.length, end === -1 ? undefined : end)
    thoughts.push(inner)
    text = end === -1 ? '' : text.slice(end + closeThink.length).trim()
  }
  const lone = text.indexOf(closeThink)
  if (lone !== -1 && !text.slice(0, lone).includes(openThink)) {
    thoughts.push(text.slice(0, lone))
    text = text.slice(lone + closeThink.length).trim()
  }
  const thinking = thoughts
    .map((thought) => thought.trim())
    .filter((thought) => thought !== '')
    .join('\n\n')
  return thinking === '' ? { text } : { text, thinking }
}

export interface Answer extends Split {
  /** The tags were missing or half there. */
  repaired: boolean
  /** They were missing, and so there is no answer. */
  dropped?: boolean
}

/** A sample: all that is not thinking is the answer. */
export function readSample(content: string, reasoning?: string): Answer {
  return { ...splitThinking(content, reasoning), repaired: false }
}

/** An update: what stands between the answer tags (`tag` is a name); where tags are missing, what most likely should. */
export function readUpdate(content: string, reasoning?: string, tag = 'answer'): Answer {
  const outer = splitThinking(content, reasoning)
  const { text: tagged, repaired } = betweenTags(outer.text, tag)
  // Some models think again inside the tags.
  const { text, thinking } = splitThinking(tagged, outer.thinking)
  return thinking === undefined ? { text, repaired } : { text, thinking, repaired }
}

interface Tag {
  open: boolean
  start: number
  end: number
}

function betweenTags(text: string, name: string): { text: string; repaired: boolean } {
  const tags = [...text.matchAll(new RegExp(`<(/?)${name}>`, 'gi'))].map((match): Tag => ({
    open: match[1] === '',
    start: match.index,
    end: match.index + match[0].length,
  }))
  const balanced = outermost(tags)
  if (balanced.length > 0) {
    // The model may mention the tags around its answer: the longest pair is the answer.
    const inner = balanced.map(([open, close]) => text.slice(open.end, close.start))
    const longest = inner.reduce((a, b) => (b.length > a.length ? b : a))
    return { text: longest, repaired: false }
  }
  const open = tags.find((tag) => tag.open)
  const close = tags.findLast((tag) => !tag.open)
  if (open !== undefined && close !== undefined && open.end <= close.start) {
    return { text: text.slice(open.end, close.start), repaired: false }
  }
  if (open !== undefined && text.slice(open.end).trim() !== '') {
    return { text: text.slice(open.end), repaired: true }
  }
  return { text: text.replaceAll(new RegExp(`</?${name}>`, 'gi'), ''), repaired: true }
}

/** The outermost pairs, or none if any tag lacks its partner. */
function outermost(tags: readonly Tag[]): (readonly [Tag, Tag])[] {
  const pairs: (readonly [Tag, Tag])[] = []
  const stack: Tag[] = []
  for (const tag of tags) {
    if (tag.open) {
      stack.push(tag)
      continue
    }
    const open = stack.pop()
    if (open === undefined) return []
    if (stack.length === 0) pairs.push([open, tag])
  }
  return stack.length === 0 ? pairs : []
}

/** How what the model wrote is read: its content, and the server's reasoning field. */
export interface Reading {
  sample: (content: string, reasoning?: string) => Answer
  /** `tag` is the name of the answer tags. */
  update: (content: string, reasoning?: string, tag?: string) => Answer
  critique: (content: string, reasoning?: string) => Split
}

/** As the run's settings want it; the reference knows of no thinking and repairs nothing. */
export const readingOf = ({ strict_reference }: Pick<State, 'strict_reference'>): Reading =>
  strict_reference ? asWritten : withoutThinking

const withoutThinking: Reading = {
  sample: readSample,
  update: readUpdate,
  critique: splitThinking,
}

const asWritten: Reading = {
  sample: (text) => ({ text, repaired: false }),
  update: (content, _, tag = 'answer') => firstBetweenTags(content, tag),
  critique: (text) => ({ text }),
}

/**
 * From the first opening tag to the closing one after it, or else to the next opening one or the
 * end, without the space around it; dropped where no tag opens.
 */
function firstBetweenTags(content: string, tag: string): Answer {
  const inside = content.split(`<${tag}>`)[1]
  if (inside === undefined) return { text: '', repaired: false, dropped: true }
  const [text = '', after] = inside.split(`</${tag}>`)
  return { text: text.trim(), repaired: after === undefined }
}
