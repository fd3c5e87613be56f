/** The text side of a model folder: chats and texts in, token ids out. */
import { anyChat, type ChatMessage, readChatTemplate } from './chat-template.ts'
import type { TextFiles } from '../model/folder.ts'
import { type EncodeChatOptions, readTokenizer, type Tokenizer } from './tokenizer.ts'

export interface ChatText extends Pick<Tokenizer, 'encodeContent' | 'decode'> {
  /** SHA-256 of the chat template, first 16 hex digits. */
  templateHash: string
  /**
   * Ids of a chat. Throws an `InferenceError` of fault `prompt` when the chat template refuses the
   * messages, and `TooManyTokens` when it has far more than the `limit`.
   */
  encodeChat: (messages: readonly ChatMessage[], options: EncodeChatOptions) => Int32Array
  /** The text that the chat template makes of a chat. Throws as `encodeChat` does. */
  renderChat: (messages: readonly ChatMessage[]) => string
  /**
   * Ids of a text that is a whole sequence: control tokens in it are control. With
   * `addSpecialTokens` it gets those of the tokenizer and begins with BOS exactly once where the
   * model's chats begin with it or the tokenizer adds it.
   */
  encodeText: (text: string, options: { addSpecialTokens: boolean }) => Int32Array
}

/** Throws an `InferenceError` when the folder has no chat template or a damaged tokenizer. */
export function readChatText(folder: TextFiles): ChatText {
  const tokenizer = readTokenizer(folder)
  const template = readChatTemplate(folder)
  const { bosToken, encodeContent, decode } = tokenizer
  const encodeChat: ChatText['encodeChat'] = (messages, options) =>
    tokenizer.encodeChat(template, messages, options)
  return {
    templateHash: template.hash,
    encodeContent,
    decode,
    encodeChat,
    renderChat: (messages) => template.render(messages, { addGenerationPrompt: false }),
    encodeText(text, { addSpecialTokens }) {
      const ids = tokenizer.encodeText(text, { addSpecialTokens })
      if (!addSpecialTokens || bosToken === null || ids.length === 0) return ids
      const begins = (sequence: Int32Array) => sequence[0] === bosToken
      if (!begins(ids) && !begins(encodeChat(anyChat, { addGenerationPrompt: false }))) return ids
      let first = 0
      while (ids[first] === bosToken) first++
      const body = ids.subarray(first)
      const whole = new Int32Array(body.length + 1)
      whole[0] = bosToken
      whole.set(body, 1)
      return whole
    },
  }
}
