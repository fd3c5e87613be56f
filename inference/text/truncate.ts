/** Chats that are longer than a model takes, made to fit by cutting out the middle of messages. */
import type { ChatMessage } from './chat-template.ts'
import type { ChatText } from './chat-text.ts'

export interface FittedChat {
  messages: readonly ChatMessage[]
  ids: Int32Array
  /** Tokens that were cut out; of very long texts, at least so many. */
  cut: number
}

/** Characters per token that hardly a text has; what is beyond need not be read to be cut. */
const maxCharacters = 64

/**
 * A chat that is too long in at most `limit` tokens; null when not even one token of each message would fit. What
 * the template writes is never cut. Of the messages the longest are cut first, down to one length,
 * and of each its beginning and its end stay.
 */
export function fitChat(
  text: ChatText,
  messages: readonly ChatMessage[],
  limit: number,
): FittedChat | null {
  const encode = (chat: readonly ChatMessage[]) =>
    text.encodeChat(chat, { addGenerationPrompt: false })
  const whole = messages.map((message) => ({
    ...message,
    content: withoutMiddle(message.content, maxCharacters * limit),
  }))
  let ids = encode(whole)
  const length = Math.max(ids.length, limit + 1)

  const contents = whole.map(({ content }) => text.encodeContent(content))
  const shorten = (content: string, place: number, level: number) => {
    const tokens = contents[place] ?? []
    return tokens.length <= level ? content : keepEnds(content, tokens, level, text.decode)
  }
  let budget = contents.reduce((sum, tokens) => sum + tokens.length, 0)
  let chat = whole
  // Where a cut ends, tokens may merge otherwise, and a template may leave out what was cut.
  for (let more = 0; ids.length > limit; more = Math.max(1, 2 * more)) {
    budget -= Math.max(ids.length - limit, more)
    const level = levelOf(contents, budget)
    if (level < 1) return null
    chat = whole.map(({ role, content }, place) => ({
      role,
      content: shorten(content, place, level),
    }))
    ids = encode(chat)
  }
  return { messages: chat, ids, cut: length - ids.length }
}

/** The largest length such that all, those above cut to it, have `budget` tokens at most. */
function levelOf(contents: readonly (readonly number[])[], budget: number): number {
  let left = budget
  const lengths = contents.map(({ length }) => length).sort((a, b) => a - b)
  for (const [place, length] of lengths.entries()) {
    const level = Math.floor(left / (lengths.length - place))
    if (level <= length) return level
    left -= length
  }
  return lengths.at(-1) ?? 0
}

/** The text without its middle: about `count` of its tokens stay, half of them at each end. */
function keepEnds(
  text: string,
  tokens: readonly number[],
  count: number,
  decode: ChatText['decode'],
): string {
  const half = Math.ceil(count / 2)
  const rest = count - half
  const decoded = partial.exec(decode(tokens.slice(0, half)))?.[1] ?? ''
  // Some tokenizers read every text as if a space stood before it.
  const begin = text.startsWith(' ') ? decoded : decoded.replace(/^ /, '')
  const end = partialEnd.exec(rest === 0 ? '' : decode(tokens.slice(-rest)))?.[1] ?? ''
  const exact =
    text.startsWith(begin) && text.endsWith(end) && begin.length + end.length <= text.length
  // A tokenizer that rewrites its text gives other characters back: then by share.
  return exact
    ? begin + end
    : withoutMiddle(text, Math.floor((text.length * count) / tokens.length))
}

/** Without the half characters where it was cut. */
const partial = /^([\s\S]*?)\uFFFD*$/
const partialEnd = /^\uFFFD*([\s\S]*)$/

/** The first and last characters of a text, `count` in all; no surrogate pair is torn. */
function withoutMiddle(text: string, count: number): string {
  if (text.length <= count) return text
  const half = Math.ceil(count / 2)
  const begin = text.slice(0, half).replace(/[\uD800-\uDBFF]$/, '')
  const end = text.slice(text.length - (count - half)).replace(/^[\uDC00-\uDFFF]/, '')
  return begin + end
}
