import type { Message } from '../../shared/tpo.ts'

const utf8 = new TextEncoder()

/**
 * An upper estimate of a prompt's tokens: a byte-level tokenizer takes three bytes or more per
 * token of ordinary text (English about four), and chat templates put some ten tokens around a
 * message.
 */
export function estimateTokens(messages: readonly Message[]): number {
  const bytes = messages.reduce((sum, { content }) => sum + utf8.encode(content).length, 0)
  return Math.ceil(bytes / 3) + 12 * messages.length + 12
}

/** Where so little room is left the estimate may well be wrong: ask, and let the server say. */
const fewestTokens = 64

/** `asked`, or what `contextLength` leaves beside the prompt. */
export function fitTokens(
  asked: number,
  contextLength: number | undefined,
  promptTokens: number,
): number {
  if (contextLength === undefined) return asked
  return Math.min(asked, Math.max(contextLength - promptTokens, fewestTokens))
}
