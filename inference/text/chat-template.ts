/** Chat templates, rendered as transformers' `apply_chat_template` renders them. */
import { createHash } from 'node:crypto'
import { Template } from '@huggingface/jinja'
import { z } from 'zod'
import { InferenceError } from '../errors.ts'
import type { TextFiles } from '../model/folder.ts'
import { renderWithin } from './render.ts'

export interface ChatMessage {
  role: string
  content: string
}

export interface ChatTemplate {
  /** SHA-256 of the template's text, first 16 hex digits. */
  hash: string
  /** Throws an `InferenceError` of fault `prompt` when the template refuses the messages. */
  render: (messages: readonly ChatMessage[], options: { addGenerationPrompt: boolean }) => string
}

const SpecialToken = z
  .union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)])
  .nullish()
  .catch(null)

const TokenizerConfig = z.object({
  chat_template: z
    .union([z.string(), z.array(z.object({ name: z.string(), template: z.string() }))])
    .nullish(),
  bos_token: SpecialToken,
  eos_token: SpecialToken,
  unk_token: SpecialToken,
  sep_token: SpecialToken,
  pad_token: SpecialToken,
  cls_token: SpecialToken,
  mask_token: SpecialToken,
})

/** Whether the folder says how chats are written. */
export const hasChatTemplate = ({ chatTemplate, tokenizerConfig }: TextFiles): boolean =>
  chatTemplate !== null || Boolean(TokenizerConfig.safeParse(tokenizerConfig).data?.chat_template)

/** What every template that is of use here can render. */
export const anyChat: readonly ChatMessage[] = [
  { role: 'user', content: 'Hi' },
  { role: 'assistant', content: 'Hi' },
]

/**
 * A file of its own beats tokenizer_config.json. Throws an `InferenceError` without either, or if
 * it cannot render a question and its answer.
 */
export function readChatTemplate(folder: TextFiles): ChatTemplate {
  const parsed = TokenizerConfig.safeParse(folder.tokenizerConfig)
  if (!parsed.success) {
    throw new InferenceError('model', `${folder.path}: tokenizer_config.json is damaged`, {
      cause: parsed.error,
    })
  }
  const { chat_template: inline, ...tokens } = parsed.data
  const named = Array.isArray(inline)
    ? inline.find(({ name }) => name === 'default')?.template
    : inline
  const source = folder.chatTemplate ?? named
  if (source === null || source === undefined) {
    throw new InferenceError(
      'model',
      `${folder.path} has no chat template; put the one that the model was trained with into chat_template.jinja there, or name its file in TPO_REWARD_CHAT_TEMPLATE if it is a reward model`,
    )
  }
  const template = compile(source, folder.path)
  const known = Object.fromEntries(
    Object.entries(tokens).filter((entry): entry is [string, string] => Boolean(entry[1])),
  )
  const render: ChatTemplate['render'] = (messages, { addGenerationPrompt }) => {
    const length = messages.reduce(
      (sum, { role, content }) => sum + role.length + content.length,
      0,
    )
    const input = {
      messages,
      tools: null,
      documents: null,
      add_generation_prompt: addGenerationPrompt,
      ...known,
    }
    try {
      return renderWithin(template, input, length)
    } catch (cause) {
      throw new InferenceError(
        'prompt',
        `the model's chat template refuses these messages: ${reasonOf(cause)}`,
        { cause },
      )
    }
  }
  try {
    render(anyChat, { addGenerationPrompt: false })
  } catch (cause) {
    throw new InferenceError(
      'model',
      `${folder.path}: the chat template cannot render a question and its answer: ${reasonOf(cause instanceof Error ? cause.cause : cause)}`,
      { cause },
    )
  }
  return { hash: createHash('sha256').update(source).digest('hex').slice(0, 16), render }
}

/** In one line. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 300)
}

function compile(source: string, path: string): Template {
  try {
    return new Template(source)
  } catch (cause) {
    throw new InferenceError(
      'model',
      `${path}: the chat template cannot be read: ${reasonOf(cause)}`,
      { cause },
    )
  }
}
