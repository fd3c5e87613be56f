/** The text side of a model that scores a question with its answer as a pair of texts. */
import { createHash } from 'node:crypto'
import type { Tokenizer as JsTokenizer } from '@huggingface/tokenizers'
import { hasChatTemplate } from './chat-template.ts'
import type { ChatText } from './chat-text.ts'
import { disguised, PairTokenizerFile } from './disguised-tokenizer.ts'
import { InferenceError } from '../errors.ts'
import { firstNormalizers } from './first-normalizers.ts'
import type { TextFiles } from '../model/folder.ts'
import { expectWithin } from './too-many-tokens.ts'
import { damagedTokenizer, loadTokenizer } from './tokenizer.ts'

/** Whether the folder's model scores pairs of texts: a ready-made graph without a chat template. */
export const takesPairs = (folder: TextFiles): boolean =>
  folder.graph !== null && !hasChatTemplate(folder)

/**
 * Question and answer through the tokenizer's own template for pairs, as transformers'
 * `tokenizer(question, answer)`, except that control tokens typed inside a text stay text. Throws an
 * `InferenceError` when the tokenizer is damaged or of a kind that is not known here.
 */
export function readPairText(folder: TextFiles): ChatText {
  const file = PairTokenizerFile.safeParse(folder.tokenizer)
  if (!file.success) throw damagedTokenizer(folder, file.error)
  const { normalize, rest } = firstNormalizers(file.data.normalizer)
  const { file: known, blank } = disguised(file.data)
  const tokenizer = loadTokenizer(folder, { ...known, normalizer: rest })
  const refuse = (reason: string) => {
    throw new InferenceError(
      'prompt',
      `${folder.name} scores one question with one answer, two plain texts: ${reason}`,
    )
  }
  // Few callers send plain text; the others do without a second tokenizer in memory.
  let plain: JsTokenizer | null = null
  const undisguised = () => (plain ??= loadTokenizer(folder, { ...file.data, normalizer: rest }))
  const encodeContent: ChatText['encodeContent'] = (content) =>
    tokenizer.encode(normalize(content), { add_special_tokens: false }).ids
  const decode: ChatText['decode'] = (ids) =>
    ids.length === 0 ? '' : undisguised().decode([...ids], { clean_up_tokenization_spaces: false })
  const text: ChatText = {
    templateHash: hashOf(file.data.post_processor),
    encodeContent,
    decode,
    renderChat: (messages) =>
      decode([...text.encodeChat(messages, { addGenerationPrompt: false })]),
    encodeChat(messages, { addGenerationPrompt, limit }) {
      const [question, answer] = messages
      const wanted = addGenerationPrompt ? ['user'] : ['user', 'assistant']
      const roles = messages.map(({ role }) => role)
      if (question === undefined || roles.join() !== wanted.join()) {
        const asked = roles.at(-1) === 'assistant' ? roles.slice(0, -1) : roles
        if (!addGenerationPrompt && asked.join() === 'user') return refuse('there is no answer')
        return refuse(`give one user message, not ${asked.join(', ')}`)
      }
      for (const { content } of limit === undefined ? [] : messages) {
        expectWithin(content, limit ?? 0, encodeContent)
      }
      // As transformers does, the library takes an empty text for none: here, too early.
      const second = answer?.content ? normalize(answer.content) || blank.content : null
      const { ids } = tokenizer.encode(normalize(question.content), { text_pair: second })
      return Int32Array.from(ids.filter((id: number) => id !== blank.id))
    },
    encodeText(text, { addSpecialTokens }) {
      const { ids } = undisguised().encode(normalize(text), {
        add_special_tokens: addSpecialTokens,
      })
      return Int32Array.from(ids)
    },
  }
  return text
}

const hashOf = (value: unknown) =>
  createHash('sha256')
    .update(JSON.stringify(value ?? null))
    .digest('hex')
    .slice(0, 16)
