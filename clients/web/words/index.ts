/** The page's words in the language of the person who reads it; a file for each part of the page. */
import { computed, effect, type ReadonlySignal, signal } from '@preact/signals'
import { z } from 'zod'
import { kept } from '../state/preferences.ts'
import { en } from './en/index.ts'

export const languages = { en: 'English', zh: '简体中文' } as const
type Language = keyof typeof languages

const preferred = (): Language =>
  navigator.languages.find((tag) => /^(en|zh)\b/i.test(tag))?.startsWith('zh') === true
    ? 'zh'
    : 'en'

export const language = kept('language', z.enum(['en', 'zh']), preferred())

const read = signal(en)
export const words: ReadonlySignal<typeof en> = read

/** Loads the words of a language; where they cannot be had, those that are there stay. */
async function load(wanted: Language): Promise<void> {
  const loaded = wanted === 'en' ? en : (await import('./zh/index.ts')).zh
  if (language.peek() === wanted) read.value = loaded
}

/**
 * Shows the language that is chosen, now and whenever another is; the document says which, for
 * screen readers, fonts and line breaks. Resolves when its words are there.
 */
export function applyLanguage(): Promise<void> {
  let first: Promise<void> | undefined
  effect(() => {
    const loading = load(language.value).catch(() => undefined)
    first ??= loading
    document.documentElement.lang = locale.value
  })
  return first ?? Promise.resolve()
}

/** Dates and counts as the language writes them. */
export const locale = computed(() => (language.value === 'zh' ? 'zh-CN' : 'en'))
