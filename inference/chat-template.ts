/** Chat templates, rendered as transformers' `apply_chat_template` renders them. */
import { createHash } from 'node:crypto'
import { Template } from '@huggingface/jinja'
import { z } from 'zod'
import { InferenceError } from './errors.ts'
import type { TextFiles } from './folder.ts'

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

/** chat_template.jinja beats tokenizer_config.json. Throws an `InferenceError` without either. */
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
      `${folder.path} has no chat template; put one in chat_template.jinja`,
    )
  }
  const template = compile(source, folder.path)
  const known = Object.fromEntries(
    Object.entries(tokens).filter((entry): entry is [string, string] => Boolean(entry[1])),
  )
  return {
    hash: createHash('sha256').update(source).digest('hex').slice(0, 16),
    render(messages, { addGenerationPrompt }) {
      try {
        return template.render({
          messages,
          tools: null,
          documents: null,
          add_generation_prompt: addGenerationPrompt,
          ...known,
        })
      } catch (cause) {
        const reason = cause instanceof Error ? cause.message : String(cause)
        throw new InferenceError(
          'prompt',
          `the model's chat template refuses these messages: ${reason}`,
          { cause },
        )
      }
    },
  }
}

function compile(source: string, path: string): Template {
  try {
    return new Template(source)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new InferenceError('model', `${path}: the chat template cannot be read: ${reason}`, {
      cause,
    })
  }
}
