/** From a finished run to OpenAI's answer, whole and in chunks. */
import { z } from 'zod'
import type {
  ChatCompletion,
  ChatCompletionChunk,
  CompletionUsage,
  ModelList,
} from '../../shared/openai.ts'
import type { Candidate, RunAnswer, Step } from '../../shared/tpo.ts'
import type { ServedModel } from '../policy/models.ts'

/** What all chunks of one answer share. */
export const Head = z.object({
  id: z.string(),
  created: z.number().int().describe('Seconds since the epoch'),
  model: z.string(),
})
export type Head = z.infer<typeof Head>

interface Answer extends Candidate {
  reward: number
  iteration: number
}

/**
 * The n best answers of all iterations: different texts first, each group by falling reward, the
 * older of equals first, so that the first one is the run's best. Only where there are too few
 * different texts does one come twice.
 */
export function topAnswers(steps: readonly Step[], n: number): Answer[] {
  const scored = steps.flatMap(({ name, iteration, candidates = [] }) =>
    name !== 'score'
      ? []
      : candidates.flatMap(({ reward, ...candidate }): Answer[] =>
          reward === undefined ? [] : [{ ...candidate, reward, iteration }],
        ),
  )
  const ranked = scored.sort((a, b) => b.reward - a.reward)
  const seen = new Set<string>()
  const [different, again]: [Answer[], Answer[]] = [[], []]
  for (const answer of ranked) {
    ;(seen.has(answer.text) ? again : different).push(answer)
    seen.add(answer.text)
  }
  return [...different, ...again].slice(0, n)
}

/** Everything spent; what is not in the returned answers counts as reasoning, as OpenAI counts it. */
function usageOf({ run }: RunAnswer, answers: readonly Answer[]): CompletionUsage {
  const { prompt_tokens, completion_tokens } = run.usage
  const returned = answers.reduce((sum, { tokens }) => sum + tokens, 0)
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    completion_tokens_details: { reasoning_tokens: Math.max(completion_tokens - returned, 0) },
  }
}

const outcomeOf = ({ cursor, run }: RunAnswer, answers: readonly Answer[]) => ({
  cursor,
  stop_reason: run.stop_reason,
  history: run.history,
  answers: answers.map(({ reward, iteration, index }) => ({ reward, iteration, index })),
})

/** The whole answer, with the n best as choices. */
export function completion(head: Head, run: RunAnswer, n: number): ChatCompletion {
  const answers = topAnswers(run.steps, n)
  return {
    ...head,
    object: 'chat.completion',
    choices: answers.map(({ text, finish_reason }, index) => ({
      index,
      message: { role: 'assistant', content: text, refusal: null },
      logprobs: null,
      finish_reason,
    })),
    usage: usageOf(run, answers),
    tpo: outcomeOf(run, answers),
  }
}

type Delta = ChatCompletionChunk['choices'][number]['delta']

function chunk(
  head: Head,
  index: number,
  delta: Delta,
  finish_reason: string | null = null,
): ChatCompletionChunk {
  const choices = [{ index, delta, logprobs: null, finish_reason }]
  return { ...head, object: 'chat.completion.chunk', choices }
}

/** The first chunk: each choice has its role once, since clients append what comes twice. */
export const openingChunk = (head: Head): ChatCompletionChunk =>
  chunk(head, 0, { role: 'assistant' })

/**
 * How the run goes, before there is an answer. One name only, `reasoning_content`: the one that
 * most clients read (DeepSeek's, SGLang's), while some that read `reasoning` too append both.
 */
export const progressChunk = (head: Head, text: string): ChatCompletionChunk =>
  chunk(head, 0, { reasoning_content: text })

/** The answers once they are selected, and how each ended. */
export function answerChunks(head: Head, run: RunAnswer, n: number): ChatCompletionChunk[] {
  const answers = topAnswers(run.steps, n)
  const texts = answers.map(({ text }, index) =>
    chunk(head, index, { ...(index > 0 && { role: 'assistant' as const }), content: text }),
  )
  const ends = answers.map(({ finish_reason }, index) => chunk(head, index, {}, finish_reason))
  const last = ends.pop()
  return [...texts, ...ends, ...(last ? [{ ...last, tpo: outcomeOf(run, answers) }] : [])]
}

/** What was spent, for those who ask for it in a stream. */
export const usageChunk = (head: Head, run: RunAnswer, n: number): ChatCompletionChunk => ({
  ...head,
  object: 'chat.completion.chunk',
  choices: [],
  usage: usageOf(run, topAnswers(run.steps, n)),
})

/** `GET /v1/models`. */
export const modelList = (models: readonly ServedModel[]): ModelList => ({
  object: 'list',
  data: models.map(({ id, created, max_model_len }) => ({
    id,
    object: 'model',
    created: created ?? 0,
    owned_by: 'tpo-edge',
    ...(max_model_len && { max_model_len }),
  })),
})
