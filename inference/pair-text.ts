/** The text side of a model that scores a question with its answer as a pair of texts. */
import { createHash, randomBytes } from 'node:crypto'
import { Tokenizer as JsTokenizer } from '@huggingface/tokenizers'
import { z } from 'zod'
import type { ChatMessage } from './chat-template.ts'
import type { ChatText } from './chat-text.ts'
import { InferenceError } from './errors.ts'
import type { ModelFolder } from './folder.ts'
import { AddedToken } from './tokenizer.ts'

export interface PairText extends ChatText {
  /** The token that ends the first text, where the second is of another kind; null if not. */
  firstEnds: number | null
}

const TokenizerFile = z.looseObject({
  added_tokens: z.array(AddedToken).nullish(),
  model: z.looseObject({
    vocab: z.union([
      z.record(z.string(), z.number()),
      z.array(z.tuple([z.string(), z.number()])),
    ]),
    unk_token: z.string().nullish(),
  }),
  post_processor: z.looseObject({ type: z.string() }).nullish(),
})
type TokenizerFile = z.infer<typeof TokenizerFile>

/**
 * Question and answer through the tokenizer's own template for pairs, as transformers'
 * `tokenizer(question, answer)`, except that control tokens typed inside a text stay text. Throws an
 * `InferenceError` when the tokenizer is damaged or of a kind that is not known here.
 */
export function readPairText(folder: ModelFolder): PairText {
  const file = TokenizerFile.safeParse(folder.tokenizer)
  if (!file.success) throw damaged(folder, file.error)
  const tokenizer = load(folder, disguised(file.data))
  const encodePair = (question: string, answer: string | null) => {
    const options = { text_pair: answer, return_token_type_ids: true } as const
    return tokenizer.encode(question, options)
  }
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
    firstEnds: firstEndsOf(folder, file.data, encodePair('a', 'a')),
    encodeChat(messages, { addGenerationPrompt }) {
      const [question, answer, further] = messages
      const roles = messages.map(({ role }) => role).join(', ')
      if (question?.role !== 'user') return refuse(`give one user message, not ${roles}`)
      const wanted = addGenerationPrompt ? undefined : 'assistant'
      if (answer?.role !== wanted || further !== undefined) {
        return refuse(`give no more than one user message and its answer, not ${roles}`)
      }
      if (question.content === '' || answer?.content === '') return refuse('one of them is empty')
      return Int32Array.from(encodePair(question.content, answer?.content ?? null).ids)
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
function renamedStrings<T>(value: T, rename: (name: string) => string): T {
  return JSON.parse(JSON.stringify(value ?? null), (_, item: unknown) =>
    typeof item === 'string' ? rename(item) : item,
  )
}

/** What tells the kinds of tokens apart, found by a pair of texts. */
function firstEndsOf(
  folder: ModelFolder,
  file: TokenizerFile,
  { ids, token_type_ids: kinds }: { ids: number[]; token_type_ids?: number[] },
): number | null {
  // RoBERTa's pairs are of one kind, which this tokenizer library does not know.
  const processor = JSON.stringify(file.post_processor ?? null)
  const second = kinds?.indexOf(1) ?? -1
  if (second === -1 || processor.includes('"RobertaProcessing"')) return null
  const end = ids[second - 1]
  const regular = kinds?.every((kind, place) => kind === Number(place >= second))
  if (end !== undefined && regular === true && ids.indexOf(end) === second - 1) return end
  throw new InferenceError(
    'model',
    `${folder.path}: tokenizer.json writes pairs in a way that this runtime does not know; known are those of BERT, DeBERTa and RoBERTa`,
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
  createHash('sha256').update(JSON.stringify(value ?? null)).digest('hex').slice(0, 16)
