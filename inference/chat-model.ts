/** A model folder as a service needs it: chats in, logits or text out. */
import { type ChatMessage, readChatTemplate } from './chat-template.ts'
import { readModelFolder } from './folder.ts'
import { type LoadOptions, loadModel, type ModelSession } from './session.ts'
import { readTokenizer } from './tokenizer.ts'

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
}

/** Throws an `InferenceError` when the folder cannot be read or loaded, or has no chat template. */
export async function loadChatModel(path: string, options: LoadOptions): Promise<ChatModel> {
  const folder = await readModelFolder(path)
  const tokenizer = readTokenizer(folder)
  const template = readChatTemplate(folder)
  return {
    ...(await loadModel(folder, options)),
    templateHash: template.hash,
    encodeChat: (messages, chatOptions) => tokenizer.encodeChat(template, messages, chatOptions),
  }
}
