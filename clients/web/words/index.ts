/** The page's words in the language of the person who reads it; a file for each part of the page. */
import { computed, effect } from '@preact/signals'
import { z } from 'zod'
import { kept } from '../state/preferences.ts'
import * as batch from './batch.ts'
import * as compose from './compose.ts'
import * as connect from './connect.ts'
import * as diff from './diff.ts'
import * as library from './library.ts'
import * as problems from './problems.ts'
import * as run from './run.ts'
import * as shell from './shell.ts'
import * as steer from './steer.ts'
import * as worth from './worth.ts'

export const languages = { en: 'English', zh: '简体中文' } as const
type Language = keyof typeof languages

const dictionaries = {
  en: {
    batch: batch.en,
    compose: compose.en,
    connect: connect.en,
    diff: diff.en,
    library: library.en,
    problems: problems.en,
    run: run.en,
    shell: shell.en,
    steer: steer.en,
    worth: worth.en,
  },
  zh: {
    batch: batch.zh,
    compose: compose.zh,
    connect: connect.zh,
    diff: diff.zh,
    library: library.zh,
    problems: problems.zh,
    run: run.zh,
    shell: shell.zh,
    steer: steer.zh,
    worth: worth.zh,
  },
}

const preferred = (): Language =>
  navigator.languages.find((tag) => /^(en|zh)\b/i.test(tag))?.startsWith('zh') === true
    ? 'zh'
    : 'en'

export const language = kept('language', z.enum(['en', 'zh']), preferred())
export const words = computed(() => dictionaries[language.value])

/** The document says its language, for screen readers, fonts and line breaks. */
export const applyLanguage = () =>
  effect(() => {
    document.documentElement.lang = locale.value
  })

/** Dates and counts as the language writes them. */
export const locale = computed(() => (language.value === 'zh' ? 'zh-CN' : 'en'))
