/** What this browser remembers of how a person likes the page. */
import { effect, type Signal, signal } from '@preact/signals'
import { z } from 'zod'

/** A signal whose value is kept in this browser; what is missing or no longer valid is `initial`. */
export function kept<S extends z.ZodType>(
  name: string,
  schema: S,
  initial: z.output<S>,
): Signal<z.output<S>> {
  const key = `tpo.${name}`
  const value = signal(read(key, schema) ?? initial)
  let first = true
  effect(() => {
    const text = JSON.stringify(value.value)
    if (first) first = false
    else write(key, text)
  })
  return value
}

function read<S extends z.ZodType>(key: string, schema: S): z.output<S> | undefined {
  try {
    const text = localStorage.getItem(key)
    return text === null ? undefined : schema.safeParse(JSON.parse(text)).data
  } catch {
    // A browser that keeps nothing, or a text of another kind.
    return undefined
  }
}

function write(key: string, text: string): void {
  try {
    localStorage.setItem(key, text)
  } catch {
    // It is remembered until the page is closed.
  }
}

export const themes = ['auto', 'light', 'dark'] as const
export const theme = kept('theme', z.enum(themes), 'auto')

/** Colours follow the choice; without one, the system. */
export const applyTheme = () =>
  effect(() => {
    document.documentElement.style.colorScheme = theme.value === 'auto' ? '' : theme.value
  })
