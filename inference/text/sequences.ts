/** What a reward model scores, as the token ids that it reads. */
import type { ChatMessage } from './chat-template.ts'
import type { ChatText } from './chat-text.ts'
import { expectWithin, TooManyTokens } from './too-many-tokens.ts'
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
    const ids = text.encodeChat(messages, { addGenerationPrompt: false, limit })
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
    return text.encodeChat(messages, { addGenerationPrompt: true, limit }).length
  } catch (error) {
    if (error instanceof TooManyTokens) return error.tokens
    throw error
  }
}
