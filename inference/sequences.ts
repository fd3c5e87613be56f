/** What a reward model scores, as the token ids that it reads. */
import type { ChatMessage } from './chat-template.ts'
import type { ChatText } from './chat-text.ts'
import { fitChat, type FittedChat } from './truncate.ts'

/** A whole conversation, a text that spells out its control tokens, or its ids. */
export type SequenceSource =
  | { messages: readonly ChatMessage[] }
  | { text: string; addSpecialTokens: boolean }
  | { ids: Int32Array }

export interface EncodeOptions {
  /** The longest sequence, in tokens. */
  limit: number
  /** Whether the middle of messages may be cut out of a longer one. */
  truncate: boolean
  /** Whether the text that was read is asked for. */
  explain: boolean
}

export interface EncodedSequence {
  ids: Int32Array
  /** Tokens that were cut out of it; of very long texts, at least so many. */
  cut: number
  /** The text that these ids are; null where it was not asked for. */
  rendered: string | null
}

/** A sequence is longer than its limit. */
export class TooManyTokens extends Error {
  override readonly name = 'TooManyTokens'
  /** How many it has; at least so many where it is far longer, and was not read to its end. */
  readonly tokens: number
  readonly exact: boolean

  constructor(tokens: number, exact: boolean) {
    super(`${tokens} tokens`)
    this.tokens = tokens
    this.exact = exact
  }
}

/**
 * Throws `TooManyTokens`, and an `InferenceError` of fault `prompt` when the chat template refuses
 * the messages.
 */
export function encodeSequence(
  text: ChatText,
  source: SequenceSource,
  options: EncodeOptions,
): EncodedSequence {
  const { explain } = options
  if ('messages' in source) {
    const { messages, ids, cut } = encodeChat(text, source.messages, options)
    return { ids, cut, rendered: explain ? text.renderChat(messages) : null }
  }
  const ids = 'ids' in source ? source.ids : encodeText(text, source, options)
  if (ids.length > options.limit) throw new TooManyTokens(ids.length, true)
  return { ids, cut: 0, rendered: explain ? text.decode([...ids]) : null }
}

function encodeText(
  text: ChatText,
  source: { text: string; addSpecialTokens: boolean },
  { limit }: EncodeOptions,
): Int32Array {
  const encode = (part: string) => text.encodeText(part, source)
  expectWithin(source.text, limit, encode)
  return encode(source.text)
}

function encodeChat(
  text: ChatText,
  messages: readonly ChatMessage[],
  { limit, truncate }: EncodeOptions,
): FittedChat {
  try {
    for (const { content } of messages) expectWithin(content, limit, text.encodeContent)
    const ids = text.encodeChat(messages, { addGenerationPrompt: false })
    if (ids.length > limit) throw new TooManyTokens(ids.length, true)
    return { messages, ids, cut: 0 }
  } catch (error) {
    const fitted =
      truncate && error instanceof TooManyTokens ? fitChat(text, messages, limit) : null
    if (fitted === null) throw error
    return fitted
  }
}

/** Tokens of a conversation without an answer; of one far longer than the limit, at least so many. */
export function countPrompt(
  text: ChatText,
  messages: readonly ChatMessage[],
  limit: number,
): number {
  try {
    for (const { content } of messages) expectWithin(content, limit, text.encodeContent)
    return text.encodeChat(messages, { addGenerationPrompt: true }).length
  } catch (error) {
    if (error instanceof TooManyTokens) return error.tokens
    throw error
  }
}

/** Below this, some 0.3 s of work, every text is read to its end. */
const alwaysRead = 2 ** 18

/** Of a text that is likely far too long, its beginning tells, in a fraction of the time. */
function expectWithin(
  text: string,
  limit: number,
  encode: (part: string) => { length: number },
): void {
  const likely = Math.max(8 * limit, alwaysRead)
  if (text.length <= likely) return
  const { length } = encode(text.slice(0, likely))
  if (length > limit) throw new TooManyTokens(length, false)
}
