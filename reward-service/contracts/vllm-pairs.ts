/** vLLM's `/score` and `/rerank`: a pair is a question and its answer. */
import { z } from 'zod'
import { problem } from '../../shared/problems.ts'
import { type Contract, pair, ranked } from './contract.ts'
import {
  activated,
  commonFields,
  expectModel,
  listOf,
  maxInputs,
  toVllmError,
  usage,
} from './vllm.ts'

const text = z.string().min(1)
const texts = z.union([text.transform((one) => [one]), z.array(text).min(1).max(maxInputs)])

const named = <First extends string, Second extends string>(first: First, second: Second) => ({
  first,
  second,
})

const ScoreRequest = z.union([
  z
    .object({ ...commonFields, text_1: texts, text_2: texts })
    .transform(({ text_1, text_2, ...rest }) => ({
      ...rest,
      ...named('text_1', 'text_2'),
      questions: text_1,
      answers: text_2,
    })),
  z
    .object({ ...commonFields, queries: texts, documents: texts })
    .transform(({ queries, documents, ...rest }) => ({
      ...rest,
      ...named('queries', 'documents'),
      questions: queries,
      answers: documents,
    })),
])

export const score: Contract<z.infer<typeof ScoreRequest>> = {
  request: ScoreRequest,
  toSequences({ model: asked, questions, answers, first, second }, model) {
    expectModel(asked, model)
    if (questions.length !== 1 && questions.length !== answers.length) {
      throw problem(
        'invalid_request',
        `$.${first}: ${questions.length} texts cannot be paired with ${answers.length} of ${second}; give one, or as many.`,
        { path: `$.${first}` },
      )
    }
    const [only = ''] = questions
    return answers.map((answer, index) =>
      pair(`$.${second}[${index}]`, questions[index] ?? only, answer),
    )
  },
  toAnswer: (request, scored, served) =>
    listOf(
      'score',
      scored.map(({ reward }, index) => ({
        index,
        object: 'score',
        score: activated(request, reward),
      })),
      scored,
      served,
    ),
  toError: toVllmError,
}

const RerankRequest = z.object({
  ...commonFields,
  query: text,
  documents: texts,
  top_n: z.number().int().min(0).nullish(),
})

export const rerank: Contract<z.infer<typeof RerankRequest>> = {
  request: RerankRequest,
  toSequences({ model: asked, query, documents }, model) {
    expectModel(asked, model)
    return documents.map((document, index) => pair(`$.documents[${index}]`, query, document))
  },
  toAnswer(request, scored, served) {
    const { documents, top_n: top } = request
    // As in vLLM, 0 means all of them.
    const results = ranked(scored).slice(0, top || undefined)
    return {
      id: `rerank-${served.id}`,
      model: served.model,
      usage: usage(scored),
      results: results.map(({ index, reward }) => ({
        index,
        document: { text: documents[index] },
        relevance_score: activated(request, reward),
      })),
    }
  },
  toError: toVllmError,
}
