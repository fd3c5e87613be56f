/** Servers differ in what they take: one refusal, one change to the request. */
import type { ChatCompletionCreateParamsStreaming } from 'openai/resources/chat/completions'
import type { Message } from '../../shared/tpo.ts'

export interface ChatParams extends Omit<ChatCompletionCreateParamsStreaming, 'messages' | 'n'> {
  messages: Message[]
  n: number
}

/**
 * The request as a server that refused it with this message will take it, or undefined where
 * nothing is known to help:
 * - chat templates without a system role (Gemma, older Mistral): its text leads the user's;
 * - servers that take `max_completion_tokens` only (OpenAI's newer models);
 * - servers without seeds (Mistral and others name the field they do not know);
 * - a prompt longer than estimated: vLLM says how long it is;
 * - whatever else, where several answers were asked for: it may be `n`, and one answer tells.
 */
export function adapt(params: ChatParams, refusal: string): ChatParams | undefined {
  const { messages, max_tokens = null, max_completion_tokens = null } = params
  if (/max_completion_tokens['"` ]+instead/i.test(refusal) && max_tokens !== null) {
    return { ...params, max_tokens: undefined, max_completion_tokens: max_tokens }
  }
  if (/\b(system|roles?)\b/i.test(refusal) && messages[0]?.role === 'system') {
    return { ...params, messages: foldSystem(messages) }
  }
  if (/\bseed\b/i.test(refusal) && params.seed !== undefined) return { ...params, seed: undefined }
  const room = roomLeft(refusal)
  if (room === undefined) return params.n === 1 ? undefined : { ...params, n: 1 }
  if (max_tokens !== null && 0 < room && room < max_tokens) return { ...params, max_tokens: room }
  if (max_completion_tokens !== null && 0 < room && room < max_completion_tokens) {
    return { ...params, max_completion_tokens: room }
  }
  return undefined
}

function foldSystem(messages: readonly Message[]): Message[] {
  const [system, first, ...rest] = messages
  if (system === undefined) return []
  if (first?.role !== 'user') return [{ ...system, role: 'user' }, ...messages.slice(1)]
  return [{ role: 'user', content: `${system.content}\n\n${first.content}` }, ...rest]
}

/** Tokens left for the answer, from vLLM's and OpenAI's wordings of a prompt too long; undefined of all else. */
function roomLeft(refusal: string): number | undefined {
  const context = refusal.match(/context length is (?:only )?(\d+)/)?.[1]
  const prompt = refusal.match(/(\d+) (?:input tokens|in the messages)/)?.[1]
  if (context === undefined || prompt === undefined) return undefined
  return Number(context) - Number(prompt)
}
