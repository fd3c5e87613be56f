/** Text to token ids, equal to transformers' for ordinary text. */
import { randomBytes } from 'node:crypto'
import { Tokenizer as JsTokenizer } from '@huggingface/tokenizers'
import { z } from 'zod'
import type { ChatMessage, ChatTemplate } from './chat-template.ts'
import { InferenceError } from '../errors.ts'
import type { TextFiles } from '../model/folder.ts'
import { createPartEncoder } from './part-encoder.ts'
import { expectWithin } from './too-many-tokens.ts'

export interface EncodeChatOptions {
  /** Whether it ends where an answer begins. */
  addGenerationPrompt: boolean
  limit?: number
}

export interface Tokenizer {
  /**
   * Ids of a rendered chat: what `apply_chat_template` gives, except that control tokens typed
   * inside a message stay text. The template writes the BOS token, none is added. With a `limit`,
   * one that is far longer is not read to its end: then it throws `TooManyTokens`.
   */
  encodeChat: (
    template: ChatTemplate,
    messages: readonly ChatMessage[],
    options: EncodeChatOptions,
  ) => Int32Array
  /**
   * Ids of a text as transformers' tokenizer gives them: control tokens in it are control. With
   * `addSpecialTokens`, those that the tokenizer adds are added.
   */
  encodeText: (text: string, options: { addSpecialTokens: boolean }) => Int32Array
  /** Ids of a text as it stands inside a message: control tokens typed in it are text. */
  encodeContent: (text: string) => number[]
  /** The text of ids, control tokens spelled out; U+FFFD for parts of characters. */
  decode: (ids: readonly number[]) => string
  /** The token that begins a sequence; null where none is set. */
  bosToken: number | null
}

export const AddedToken = z.looseObject({
  id: z.number().int().min(0),
  content: z.string().min(1),
  special: z.boolean().default(false),
  normalized: z.boolean().default(false),
  lstrip: z.boolean().default(false),
})

const TokenizerFile = z.looseObject({
  added_tokens: z.array(AddedToken).nullish(),
  model: z.looseObject({}),
})

const TokenizerConfig = z.looseObject({
  bos_token: z
    .union([z.string(), z.object({ content: z.string() }).transform(({ content }) => content)])
    .nullish()
    .catch(null),
})

/**
 * Control tokens are told from text by their names: inside, the tokenizer knows them by names
 * that no one can guess, and only the template's own control tokens are translated to those.
 */
export function readTokenizer(folder: TextFiles): Tokenizer {
  const nonce = randomBytes(16).toString('hex')
  const file = TokenizerFile.safeParse(folder.tokenizer)
  if (!file.success) throw damagedTokenizer(folder, file.error)
  const added = file.data.added_tokens ?? []
  const controls = added.filter(({ special }) => special).map(({ content }) => content)
  // U+FDD0 and U+FDD1 are no characters; what stands between them is secret.
  const secret = (content: string) => `\uFDD0${nonce}c${controls.indexOf(content)}\uFDD1`
  const placeholder = (content: string) => `\uFDD0${nonce}t${controls.indexOf(content)}\uFDD1`
  const secrets = new Map(controls.map((content) => [secret(content), content]))
  const placeholders = new Map(controls.map((content) => [placeholder(content), content]))
  const anyControl = anyOf(controls)
  const anySecret = anyOf([...secrets.keys()])
  const anyPlaceholder = anyOf([...placeholders.keys()])
  const tokenizer = loadTokenizer(folder, {
    ...file.data,
    added_tokens: added.map((token) =>
      token.special
        ? Object.assign(structuredClone(token), { content: secret(token.content) })
        : token,
    ),
  })
  const { bos_token: bos } = TokenizerConfig.parse(folder.tokenizerConfig)
  const encodeWhole = (text: string) => tokenizer.encode(text, { add_special_tokens: false }).ids
  // Where a control token changes how the text before it is read, a text is read whole.
  const apart = added.every(
    ({ special, lstrip, normalized }) => !special || !(lstrip || normalized),
  )
  const encode = apart ? createPartEncoder(encodeWhole, anySecret) : encodeWhole
  // Few callers send plain text; the others do without a second tokenizer in memory.
  let plain: JsTokenizer | null = null
  return {
    bosToken: added.find(({ content }) => content === bos)?.id ?? null,
    encodeContent: encode,
    encodeText(text, { addSpecialTokens }) {
      plain ??= loadTokenizer(folder, file.data)
      const { ids } = plain.encode(text, { add_special_tokens: addSpecialTokens })
      return Int32Array.from(ids)
    },
    decode(ids) {
      if (ids.length === 0) return ''
      const text: string = tokenizer.decode([...ids], { clean_up_tokenization_spaces: false })
      return text.replace(anySecret, (found) => secrets.get(found) ?? found)
    },
    encodeChat(template, messages, options) {
      const disguised = messages.map(({ role, content }) => ({
        role: role.replace(anyControl, placeholder),
        content: content.replace(anyControl, placeholder),
      }))
      const text = template
        .render(disguised, options)
        .replace(anyControl, secret)
        .replace(anyPlaceholder, (found) => placeholders.get(found) ?? found)
      if (options.limit !== undefined) expectWithin(text, options.limit, encode)
      return Int32Array.from(encode(text))
    },
  }
}

/** A digit, a word, two scripts, a break of line: what most rules of tokenizers are about. */
const anyText = "1 don't \n\u4F60\u597D"

/** Throws an `InferenceError` when the library does not know what the file asks for. */
export function loadTokenizer(folder: TextFiles, file: object): JsTokenizer {
  try {
    const tokenizer = new JsTokenizer(file, TokenizerConfig.parse(folder.tokenizerConfig))
    // The library finds out about some damage only now.
    const { ids } = tokenizer.encode(anyText, { add_special_tokens: true })
    z.array(z.number().int().min(0)).min(1).parse(ids)
    return tokenizer
  } catch (cause) {
    throw damagedTokenizer(folder, cause)
  }
}

export function damagedTokenizer(folder: TextFiles, cause: unknown): InferenceError {
  return new InferenceError(
    'model',
    `${folder.path}: tokenizer.json is of a kind that this runtime cannot read, or damaged; download it again`,
    { cause },
  )
}

/** Matches any of the strings, the longest first; nothing where there are none. */
function anyOf(strings: readonly string[]): RegExp {
  const sources = strings
    .toSorted((a, b) => b.length - a.length)
    .map((text) => text.replace(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`))
  return new RegExp(sources.length === 0 ? '(?!)' : sources.join('|'), 'g')
}
