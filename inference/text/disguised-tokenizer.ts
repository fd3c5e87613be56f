/** A tokenizer.json whose control tokens no text can name. */
import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { AddedToken } from './tokenizer.ts'

export const PairTokenizerFile = z.looseObject({
  added_tokens: z.array(AddedToken).nullish(),
  model: z.looseObject({
    vocab: z.union([z.record(z.string(), z.number()), z.array(z.tuple([z.string(), z.number()]))]),
    unk_token: z.string().nullish(),
  }),
  normalizer: z.unknown(),
  post_processor: z.unknown(),
})

/**
 * With control tokens under names that no one can guess, wherever the tokenizer names them, and one
 * more, `blank`, that stands for nothing.
 */
export function disguised(file: z.infer<typeof PairTokenizerFile>) {
  const nonce = randomBytes(16).toString('hex')
  // U+FDD0 and U+FDD1 are no characters; what stands between them is secret.
  const secret = (name: string) => `\uFDD0${nonce}${name}\uFDD1`
  const blank = { id: -1, content: secret('blank'), special: true }
  const added = file.added_tokens ?? []
  const controls = added.filter(({ special }) => special)
  const names = new Map(controls.map(({ content }, place) => [content, secret(`c${place}`)]))
  const rename = (name: string) => names.get(name) ?? name
  const { vocab, unk_token: unknown } = file.model
  return {
    blank,
    file: {
      ...file,
      added_tokens: [
        blank,
        ...added.map((token) =>
          token.special
            ? Object.assign(structuredClone(token), { content: rename(token.content) })
            : token,
        ),
      ],
      model: {
        ...file.model,
        vocab: Array.isArray(vocab)
          ? vocab.map(([piece, score]): [string, number] => [rename(piece), score])
          : Object.fromEntries(Object.entries(vocab).map(([piece, id]) => [rename(piece), id])),
        ...(typeof unknown === 'string' && { unk_token: rename(unknown) }),
      },
      post_processor: renamedStrings(file.post_processor, rename),
    },
  }
}

/** Every string of a JSON value that is a name. */
function renamedStrings(value: unknown, rename: (name: string) => string): unknown {
  return JSON.parse(JSON.stringify(value ?? null), (_, item: unknown) =>
    typeof item === 'string' ? rename(item) : item,
  )
}
