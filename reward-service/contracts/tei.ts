/** Text Embeddings Inference: `/predict`, `/rerank` and `/info`. */
import { z } from 'zod'
import { type Problem, problemCodes } from '../../shared/problems.ts'
import type { Sequence } from '../score.ts'
import { type Contract, pair, ranked, sigmoid, type ToError } from './contract.ts'

const maxInputs = 1024

const text = z.string().min(1)
const one = z.tuple([text])
const two = z.tuple([text, text])

/** Texts are never cut off, whether that is asked for or not: an over-long one is an error. */
const commonFields = {
  truncate: z.boolean().nullish(),
  raw_scores: z.boolean().default(false),
}

const valueOf = ({ raw_scores }: { raw_scores: boolean }, reward: number) =>
  raw_scores ? reward : sigmoid(reward)

const PredictRequest = z.object({
  ...commonFields,
  inputs: z.union([
    text.transform((only) => ({ batch: false, items: [[only]] })),
    z.union([one, two]).transform((item) => ({ batch: false, items: [item] })),
    z
      .array(z.union([one, two]))
      .min(1)
      .max(maxInputs)
      .transform((items) => ({ batch: true, items })),
  ]),
})

export const predict: Contract<z.infer<typeof PredictRequest>> = {
  request: PredictRequest,
  toSequences: ({ inputs: { batch, items } }) =>
    items.map(([first = '', second], index): Sequence => {
      const path = batch ? `$.inputs[${index}]` : '$.inputs'
      return second === undefined
        ? { path, text: first, addSpecialTokens: true }
        : pair(path, first, second)
    }),
  toAnswer(request, scored, { label }) {
    const answers = scored.map(({ reward }) => [{ score: valueOf(request, reward), label }])
    return request.inputs.batch ? answers : answers[0]
  },
  toError: toTeiError,
}

const RerankRequest = z.object({
  ...commonFields,
  query: text,
  texts: z.array(text).min(1).max(maxInputs),
  return_text: z.boolean().default(false),
})

/** vLLM's request at the same address has `documents` instead. */
const Shape = z.object({ texts: z.unknown().refine((texts) => texts !== undefined) })
export const isTeiRerank = (body: unknown): boolean => Shape.safeParse(body).success

export const rerank: Contract<z.infer<typeof RerankRequest>> = {
  request: RerankRequest,
  toSequences: ({ query, texts }) =>
    texts.map((answer, index) => pair(`$.texts[${index}]`, query, answer)),
  toAnswer: (request, scored) =>
    ranked(scored).map(({ index, reward }) => ({
      index,
      text: request.return_text ? request.texts[index] : undefined,
      score: valueOf(request, reward),
    })),
  toError: toTeiError,
}

/** What a server of TEI tells of itself. */
export interface About {
  model: string
  label: string
  dtype: string
  /** The longest sequence, in tokens. */
  context: number
  /** Requests that may be in hand at once. */
  concurrent: number
  /** Of a forward pass. */
  limits: { tokens: number; sequences: number }
  version: string
}

export const info = ({ model, label, dtype, context, concurrent, limits, version }: About) => ({
  model_id: model,
  model_sha: null,
  model_dtype: dtype,
  model_type: { reranker: { id2label: { '0': label }, label2id: { [label]: 0 } } },
  max_concurrent_requests: concurrent,
  max_input_length: context,
  max_batch_tokens: limits.tokens,
  max_batch_requests: limits.sequences,
  max_client_batch_size: maxInputs,
  auto_truncate: false,
  tokenization_workers: 1,
  version,
})

/** TEI says 413 of a text that is too long, and 424 when the model fails. */
function toTeiError({ code, detail }: Problem): ReturnType<ToError> {
  const { status } = problemCodes[code]
  const body = (error_type: string) => ({ error: detail, error_type })
  if (code === 'too_many_tokens') return { status: 413, body: body('validation') }
  if (code === 'overloaded') return { status, body: body('overloaded') }
  if (code === 'not_ready') return { status, body: body('unhealthy') }
  return status >= 500
    ? { status: 424, body: body('backend') }
    : { status, body: body('validation') }
}
