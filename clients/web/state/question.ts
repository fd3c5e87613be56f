/** What is being written: the question, and the turns that came before it. */
import { computed, signal } from '@preact/signals'
import { nextRun } from './next-run.ts'
import type { Message, StartRequest } from '../../../shared/tpo.ts'

export const question = signal('')
export const turns = signal<readonly Message[]>([])

/** The turns that say something. */
export const saidTurns = computed(() => turns.value.filter(({ content }) => content.trim() !== ''))

/** The next question goes on from a run's conversation and its answer. */
export function goOnFrom({ query, messages }: StartRequest, answer: string): void {
  const said = messages ?? [{ role: 'user' as const, content: query ?? '' }]
  nextRun.system.value = said.find(({ role }) => role === 'system')?.content ?? ''
  turns.value = [
    ...said.filter(({ role }) => role !== 'system'),
    { role: 'assistant', content: answer },
  ]
  question.value = ''
}
