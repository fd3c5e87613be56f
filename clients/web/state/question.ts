/** What is being written: the question, and the turns that came before it. */
import { computed, signal } from '@preact/signals'
import type { Message } from '../../../shared/tpo.ts'

export const question = signal('')
export const turns = signal<readonly Message[]>([])

/** The turns that say something. */
export const saidTurns = computed(() => turns.value.filter(({ content }) => content.trim() !== ''))
