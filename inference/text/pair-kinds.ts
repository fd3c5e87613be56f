/** How a tokenizer tells the tokens of a pair's two texts apart, for a model's `token_type_ids`. */
import { z } from 'zod'
import { InferenceError } from '../errors.ts'
import type { ModelFolder } from '../model/folder.ts'

/**
 * The token that ends the first text of a pair where what follows is of another kind, or null where
 * all is of one. Throws an `InferenceError` when the tokenizer writes pairs in another way.
 */
export function firstEndsOf(folder: ModelFolder): number | null {
  const file = File.safeParse(folder.tokenizer)
  const found = file.data?.post_processor
    .map((processor) => (processor.type === 'ByteLevel' ? undefined : endOf(processor)))
    .find((end) => end !== undefined)
  if (found !== undefined) return found
  throw new InferenceError(
    'model',
    `${folder.path}: tokenizer.json writes pairs of texts in a way that this runtime does not know; known are those of BERT, DeBERTa and RoBERTa`,
    { cause: file.error },
  )
}

const kind = { id: z.string(), type_id: z.number() }
const Item = z.union([
  z.object({ SpecialToken: z.object(kind) }).transform(({ SpecialToken: token }) => ({
    special: token.id,
    kind: token.type_id,
  })),
  z.object({ Sequence: z.object(kind) }).transform(({ Sequence: { type_id } }) => ({
    special: undefined,
    kind: type_id,
  })),
])

const Processor = z.union([
  z.object({
    type: z.literal('TemplateProcessing'),
    pair: z.array(Item),
    special_tokens: z.record(z.string(), z.object({ ids: z.array(z.number()) })),
  }),
  z.object({ type: z.literal('BertProcessing'), sep: z.tuple([z.string(), z.number()]) }),
  z.object({ type: z.literal(['RobertaProcessing', 'ByteLevel']) }),
])
type Processor = z.infer<typeof Processor>

const File = z.object({
  post_processor: z.union([
    Processor.transform((one) => [one]),
    z
      .object({ type: z.literal('Sequence'), processors: z.array(Processor) })
      .transform(({ processors }) => processors),
  ]),
})

/** Undefined where it cannot be told by a token. */
function endOf(processor: Processor): number | null | undefined {
  if (processor.type === 'BertProcessing') return processor.sep[1]
  if (processor.type !== 'TemplateProcessing') return null
  const { pair, special_tokens: ids } = processor
  if (pair.every((item) => item.kind === 0)) return null
  const second = pair.findIndex((item) => item.kind !== 0)
  if (pair.slice(second).some((item) => item.kind !== 1)) return undefined
  const end = pair[second - 1]?.special
  const first = pair.findIndex(({ special }) => special !== undefined && special === end)
  return first === second - 1 ? ids[end ?? '']?.ids[0] : undefined
}
