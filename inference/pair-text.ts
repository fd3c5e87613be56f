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
 * The token that ends the first text of a pair where the second one's tokens are of another kind, or
 * null where all are of one. Throws an `InferenceError` when pairs are written in another way.
 */
export function firstEndsOf(folder: ModelFolder): number | null {
  const file = Kinds.safeParse(folder.tokenizer)
  if (!file.success) {
    throw new InferenceError(
      'model',
      `${folder.path}: tokenizer.json writes pairs of texts in a way that this runtime does not know; known are those of BERT, DeBERTa and RoBERTa`,
      { cause: file.error },
    )
  }
  return file.data.post_processor
}

const Id = z.object({ SpecialToken: z.object({ id: z.string(), type_id: z.number() }) })
const Text = z.object({ Sequence: z.object({ id: z.string(), type_id: z.number() }) })

const Template = z
  .object({
    type: z.literal('TemplateProcessing'),
    pair: z.array(z.union([Id, Text])),
    special_tokens: z.record(z.string(), z.object({ ids: z.array(z.number()).min(1) })),
  })
  .transform(({ pair, special_tokens: special }, context): number | null => {
    const kinds = pair.map(
      (item) => ('Sequence' in item ? item.Sequence : item.SpecialToken).type_id,
    )
    const second = kinds.indexOf(1)
    if (kinds.every((kind) => kind === 0)) return null
    const last = pair[second - 1]
    const end = last !== undefined && 'SpecialToken' in last ? last.SpecialToken.id : undefined
    const before = pair.slice(0, second - 1)
    const again = before.some((item) => 'SpecialToken' in item && item.SpecialToken.id === end)
    const [id] = special[end ?? '']?.ids ?? []
    if (
      id !== undefined &&
      !again &&
      kinds.every((kind, place) => kind === Number(place >= second))
    ) {
      return id
    }
    context.addIssue('kinds of tokens that follow no separator')
    return null
  })

const Processor = z.union([
  Template,
  z
    .object({ type: z.literal('BertProcessing'), sep: z.tuple([z.string(), z.number()]) })
    .transform(({ sep }) => sep[1]),
  z.object({ type: z.literal('RobertaProcessing') }).transform(() => null),
])

const Kinds = z.object({ post_processor: Processor })

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
      const [question, answer, further] = messages
      const roles = messages.map(({ role }) => role).join(', ')
      if (question?.role !== 'user') return refuse(`give one user message, not ${roles}`)
      const wanted = addGenerationPrompt ? undefined : 'assistant'
      if (answer?.role !== wanted || further !== undefined) {
        return refuse(`give no more than one user message and its answer, not ${roles}`)
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
function renamedStrings<T>(value: T, rename: (name: string) => string): T {
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
