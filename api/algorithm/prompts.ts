/** What each step asks the policy, as chat messages. */
import { type ChatMessage, fill } from '../prompts/fill.ts'
import type { PromptPack } from '../prompts/pack.ts'
import type { Message } from '../../shared/tpo.ts'
import { pair } from './select.ts'
import type { State } from './state.ts'

const speakers = { system: 'System', user: 'User', assistant: 'Assistant' } as const

/** The request as the critic reads it: a single question as it is, a conversation with its speakers. */
export function requestText(messages: readonly Message[]): string {
  const [first] = messages
  if (messages.length === 1 && first !== undefined) return first.content
  return messages.map(({ role, content }) => `${speakers[role]}: ${content}`).join('\n\n')
}

/** Textual loss: chosen against rejected, or chosen alone. */
export function lossPrompt(state: State, pack: PromptPack): ChatMessage[] {
  const { chosen, rejected } = pair(state)
  const slots = { query: requestText(state.messages), chosen: chosen.text }
  return rejected === null
    ? fill(pack.loss_single, slots)
    : fill(pack.loss, { ...slots, rejected: rejected.text })
}

/** Textual gradient: the critique of chosen, turned into advice. */
export function gradientPrompt(state: State, pack: PromptPack): ChatMessage[] {
  return fill(pack.gradient, {
    query: requestText(state.messages),
    chosen: pair(state).chosen.text,
    loss: state.loss ?? '',
  })
}

/** Update: chosen, rewritten by the advice. */
export function updatePrompt(state: State, pack: PromptPack): ChatMessage[] {
  return fill(pack.update, {
    query: requestText(state.messages),
    chosen: pair(state).chosen.text,
    gradient: state.gradient ?? '',
  })
}
