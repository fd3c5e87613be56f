/** What this browser remembers of how a person likes the page. */
import { effect, type Signal, signal } from '@preact/signals'
import { z } from 'zod'

/** Called where it is used: a browser that keeps nothing may throw. */
type Place = () => Storage

/** A signal whose value is kept in this browser; what is missing or no longer valid is `initial`. */
export function kept<S extends z.ZodType>(
  name: string,
  schema: S,
  initial: z.output<S>,
  place: Place = () => localStorage,
): Signal<z.output<S>> {
  const key = `tpo.${name}`
  const value = signal(read(place, key, schema) ?? initial)
  let first = true
  effect(() => {
    const text = JSON.stringify(value.value)
    if (first) first = false
    else write(place, key, text)
  })
  return value
}

function read<S extends z.ZodType>(place: Place, key: string, schema: S): z.output<S> | undefined {
  try {
    const text = place().getItem(key)
    return text === null ? undefined : schema.safeParse(JSON.parse(text)).data
  } catch {
    // A browser that keeps nothing, or a text of another kind.
    return undefined
  }
}

function write(place: Place, key: string, text: string): void {
  try {
    place().setItem(key, text)
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
