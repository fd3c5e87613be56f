/** A model folder as a service needs it: chats in, logits or text out. */
import { anyChat, type ChatMessage, readChatTemplate } from './chat-template.ts'
import { InferenceError } from './errors.ts'
import { readModelFolder } from './folder.ts'
import { readLabels } from './labels.ts'
import { type LoadOptions, loadModel, type ModelSession } from './session.ts'
import { readTokenizer } from './tokenizer.ts'

export interface ChatModelOptions extends LoadOptions {
  /** A chat template (Jinja) in place of the folder's own. */
  chatTemplate?: string | undefined
}

export interface ChatModel extends ModelSession {
  /** SHA-256 of the chat template, first 16 hex digits. */
  templateHash: string
  /**
   * Ids of a chat. With `addGenerationPrompt` they end where an answer begins. Throws an
   * `InferenceError` of fault `prompt` when the chat template refuses the messages.
   */
  encodeChat: (
    messages: readonly ChatMessage[],
    options: { addGenerationPrompt: boolean },
  ) => Int32Array
  /**
   * Ids of a text that is a whole sequence: control tokens in it are control. With
   * `addSpecialTokens` it gets those of the tokenizer and begins with BOS exactly once where the
   * model's chats begin with it or the tokenizer adds it.
   */
  encodeText: (text: string, options: { addSpecialTokens: boolean }) => Int32Array
  /** One name for each of a classifier's labels. */
  labels: readonly string[]
}

/** Throws an `InferenceError` when the folder cannot be read or loaded, or has no chat template. */
export async function loadChatModel(path: string, options: ChatModelOptions): Promise<ChatModel> {
  const folder = await readModelFolder(path)
  const tokenizer = readTokenizer(folder)
  const template = readChatTemplate(folder, options.chatTemplate)
  const session = await loadModel(folder, options)
  const { vocabulary } = session.decoder
  const known = (ids: Int32Array) => {
    const unknown = ids.find((id) => id >= vocabulary)
    if (unknown === undefined) return ids
    throw new InferenceError(
      'model',
      `${folder.path}: tokenizer.json gives the token ${unknown}, config.json ends them at ${vocabulary - 1}; they belong to different models`,
    )
  }
  const encodeChat: ChatModel['encodeChat'] = (messages, chatOptions) =>
    known(tokenizer.encodeChat(template, messages, chatOptions))
  return {
    ...session,
    templateHash: template.hash,
    labels: options.head === 'classifier' ? readLabels(folder, session.width) : [],
    encodeChat,
    encodeText(text, { addSpecialTokens }) {
      const ids = known(tokenizer.encodeText(text, { addSpecialTokens }))
      const { bosToken } = tokenizer
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
