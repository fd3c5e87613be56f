/** Answers in OpenAI's shapes, whole and in chunks. */
import { randomUUID } from 'node:crypto'
import type { AnswerDelta, GenerationRequest } from '../inference/generation/generate.ts'

/** What all chunks of one answer share. */
export interface CompletionHead {
  id: string
  created: number
  model: string
}

export function completionHead(model: string): CompletionHead {
  return {
    id: `chatcmpl-${randomUUID().replaceAll('-', '')}`,
    created: Math.floor(Date.now() / 1000),
    model,
  }
}

/** Puts the deltas of a request together; the prompt counts once, whatever n is. */
export function collector({ ids, answers }: Pick<GenerationRequest, 'ids' | 'answers'>) {
  const texts = Array.from({ length: answers }, (): string[] => [])
  const last: AnswerDelta[] = []
  return {
    add(deltas: readonly AnswerDelta[]) {
      for (const delta of deltas) {
        texts[delta.index]?.push(delta.text)
        last[delta.index] = delta
      }
    },
    choices: () =>
      texts.map((parts, index) => ({
        index,
        message: { role: 'assistant', content: parts.join(''), refusal: null },
        logprobs: null,
        finish_reason: last[index]?.finish ?? null,
        stop_reason: last[index]?.stopString ?? null,
      })),
    usage() {
      const completion_tokens = last.reduce((sum, { tokens }) => sum + tokens, 0)
      const prompt_tokens = ids.length
      return { prompt_tokens, total_tokens: prompt_tokens + completion_tokens, completion_tokens }
    },
  }
}

export type Usage = ReturnType<ReturnType<typeof collector>['usage']>

export const completion = (head: CompletionHead, answers: ReturnType<typeof collector>) => ({
  ...envelope(head, 'chat.completion'),
  choices: answers.choices(),
  usage: answers.usage(),
})

/** The first chunk of answer `index`. */
export const roleChunk = (head: CompletionHead, index: number) =>
  chunk(head, index, { role: 'assistant', content: '' }, null, null)

export const deltaChunk = (
  head: CompletionHead,
  { index, text, finish, stopString }: AnswerDelta,
) => chunk(head, index, { content: text }, finish, stopString)

export const usageChunk = (head: CompletionHead, usage: Usage) => ({
  ...envelope(head, 'chat.completion.chunk'),
  choices: [],
  usage,
})

function chunk(
  head: CompletionHead,
  index: number,
  delta: { role?: string; content: string },
  finish_reason: string | null,
  stopString: string | null,
) {
  const choice = { index, delta, logprobs: null, finish_reason }
  const choices = [finish_reason === null ? choice : { ...choice, stop_reason: stopString }]
  return { ...envelope(head, 'chat.completion.chunk'), choices }
}

const envelope = ({ id, created, model }: CompletionHead, object: string) => ({
  id,
  object,
  created,
  model,
})
