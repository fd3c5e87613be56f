/** The text side of a model that scores a question with its answer as a pair of texts. */
import { createHash, randomBytes } from 'node:crypto'
import { Tokenizer as JsTokenizer } from '@huggingface/tokenizers'
import { z } from 'zod'
import { hasChatTemplate } from './chat-template.ts'
import type { ChatText } from './chat-text.ts'
import { InferenceError } from './errors.ts'
import type { ModelFolder } from './folder.ts'
import { AddedToken } from './tokenizer.ts'

const TokenizerFile = z.looseObject({
  added_tokens: z.array(AddedToken).nullish(),
  model: z.looseObject({
    vocab: z.union([z.record(z.string(), z.number()), z.array(z.tuple([z.string(), z.number()]))]),
    unk_token: z.string().nullish(),
  }),
  post_processor: z.unknown(),
})
type TokenizerFile = z.infer<typeof TokenizerFile>

/** Whether the folder's model scores pairs of texts: a ready-made graph without a chat template. */
export const takesPairs = (folder: ModelFolder): boolean =>
  folder.graph !== null && !hasChatTemplate(folder)

/**
 * Question and answer through the tokenizer's own template for pairs, as transformers'
 * `tokenizer(question, answer)`, except that control tokens typed inside a text stay text. Throws an
 * `InferenceError` when the tokenizer is damaged or of a kind that is not known here.
 */
export function readPairText(folder: ModelFolder): ChatText {
  const file = TokenizerFile.safeParse(folder.tokenizer)
  if (!file.success) throw damaged(folder, file.error)
  const tokenizer = load(folder, disguised(file.data))
  const refuse = (reason: string) => {
    throw new InferenceError(
      'prompt',
      `${folder.name} scores one question with one answer, two plain texts: ${reason}`,
    )
  }
  // Few callers send plain text; the others do without a second tokenizer in memory.
  let plain: JsTokenizer | null = null
  return {
    templateHash: hashOf(file.data.post_processor),
    encodeChat(messages, { addGenerationPrompt }) {
      const [question, answer] = messages
      const wanted = addGenerationPrompt ? ['user'] : ['user', 'assistant']
      const roles = messages.map(({ role }) => role)
      if (question === undefined || roles.join() !== wanted.join()) {
        const asked = roles.at(-1) === 'assistant' ? roles.slice(0, -1) : roles
        if (!addGenerationPrompt && asked.join() === 'user') return refuse('there is no answer')
        return refuse(`give one user message, not ${asked.join(', ')}`)
      }
      if (question.content === '' || answer?.content === '') return refuse('one of them is empty')
      return Int32Array.from(
        tokenizer.encode(question.content, { text_pair: answer?.content ?? null }).ids,
      )
    },
    encodeText(text, { addSpecialTokens }) {
      plain ??= load(folder, file.data)
      return Int32Array.from(plain.encode(text, { add_special_tokens: addSpecialTokens }).ids)
    },
  }
}

/** With control tokens under names that no one can guess, wherever the tokenizer names them. */
function disguised(file: TokenizerFile): TokenizerFile {
  const nonce = randomBytes(16).toString('hex')
  const controls = (file.added_tokens ?? []).filter(({ special }) => special)
  // U+FDD0 and U+FDD1 are no characters; what stands between them is secret.
  const names = new Map(
    controls.map(({ content }, place) => [content, `\uFDD0${nonce}c${place}\uFDD1`]),
  )
  const rename = (name: string) => names.get(name) ?? name
  const { vocab, unk_token: unknown } = file.model
  return {
    ...file,
    added_tokens: file.added_tokens?.map((token) =>
      token.special ? { ...token, content: rename(token.content) } : token,
    ),
    model: {
      ...file.model,
      vocab: Array.isArray(vocab)
        ? vocab.map(([piece, score]): [string, number] => [rename(piece), score])
        : Object.fromEntries(Object.entries(vocab).map(([piece, id]) => [rename(piece), id])),
      ...(typeof unknown === 'string' && { unk_token: rename(unknown) }),
    },
    post_processor: renamedStrings(file.post_processor, rename),
  }
}

/** Every string of a JSON value that is a name. */
function renamedStrings(value: unknown, rename: (name: string) => string): unknown {
  return JSON.parse(JSON.stringify(value ?? null), (_, item: unknown) =>
    typeof item === 'string' ? rename(item) : item,
  )
}

function load(folder: ModelFolder, file: TokenizerFile): JsTokenizer {
  try {
    return new JsTokenizer(file, z.looseObject({}).parse(folder.tokenizerConfig))
  } catch (cause) {
    throw damaged(folder, cause)
  }
}

const damaged = (folder: ModelFolder, cause: unknown) =>
  new InferenceError(
    'model',
    `${folder.path}: tokenizer.json is of a kind that this runtime cannot read, or damaged; download it again`,
    { cause },
  )

const hashOf = (value: unknown) =>
  createHash('sha256')
    .update(JSON.stringify(value ?? null))
    .digest('hex')
    .slice(0, 16)
