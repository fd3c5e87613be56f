/** What each step asks the policy, as chat messages. */
import { type ChatMessage, fill, fillVerbatim, type Slots } from '../prompts/fill.ts'
import { packOf, type PromptPack } from '../prompts/pack.ts'
import type { PromptTemplate } from '../../shared/prompts.ts'
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

/** The first and the last ten words, for a prompt that names a text without repeating it. */
export function excerpt(text: string): string {
  const words = text.split(' ')
  if (words.length <= 20) return text
  return `${words.slice(0, 10).join(' ')} (...) ${words.slice(-10).join(' ')}`
}

/** Textual loss: chosen against rejected, or chosen alone. */
export function lossPrompt(state: State, pack: PromptPack): ChatMessage[] {
  const { loss, loss_single } = packOf(pack, state.prompts, state.mode)
  const { chosen, rejected } = pair(state)
  const slots = { ...requestSlots(state), chosen: chosen.text }
  return rejected === null
    ? put(state, loss_single, slots)
    : put(state, loss, { ...slots, rejected: rejected.text })
}

/** Textual gradient: the critique of chosen, turned into advice. */
export function gradientPrompt(state: State, pack: PromptPack): ChatMessage[] {
  const { gradient } = packOf(pack, state.prompts, state.mode)
  return put(state, gradient, { ...contextSlots(state, pack), loss: state.loss ?? '' })
}

/** Update: chosen, rewritten by the advice. */
export function updatePrompt(state: State, pack: PromptPack): ChatMessage[] {
  const { update, answer_tag } = packOf(pack, state.prompts, state.mode)
  const { loss, gradient } = state
  const slots = { ...contextSlots(state, pack), loss: loss ?? '', gradient: gradient ?? '' }
  return put(state, update, slots, [answer_tag])
}

/** The reference puts texts into its prompts as they are. */
const put = (state: State, template: PromptTemplate, slots: Slots, tags?: readonly string[]) =>
  state.strict_reference ? fillVerbatim(template, slots) : fill(template, slots, tags)

const requestSlots = ({ messages }: State) => ({
  query: requestText(messages),
  question: messages.at(-1)?.content ?? '',
})

function contextSlots(state: State, pack: PromptPack) {
  const chosen = pair(state).chosen.text
  const asked = lossPrompt(state, pack)
  const said = (role: ChatMessage['role']) => asked.find((one) => one.role === role)?.content ?? ''
  return {
    ...requestSlots(state),
    chosen,
    excerpt: excerpt(chosen),
    loss_system: said('system'),
    loss_user: said('user'),
  }
}

/** What an answer is scored as the answer to; in the reference, the question alone. */
export const judged = ({ messages, strict_reference }: State): Message[] =>
  strict_reference ? messages.filter(({ role }) => role !== 'system') : messages
