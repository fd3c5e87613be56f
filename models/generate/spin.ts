import type { Rng } from './random.ts'

/**
 * The template language of this folder:
 *   {a|b|}     one of the alternatives, nested as deep as needed
 *   [slot]     a value
 *   <…>        kept only if every slot inside has a value
 */

/** Chooses among the alternatives; slots and optional parts stay. */
export function spin(template: string, rng: Rng): string {
  let text = template
  for (;;) {
    const next = text.replace(/\{([^{}]*)\}/g, (_, body: string) => rng.pick(body.split('|')))
    if (next === text) return text
    text = next
  }
}

export type Slots = Readonly<Record<string, string | undefined>>

/** The slots a template cannot do without. */
export function required(template: string): string[] {
  return slotsIn(template.replace(/<[^<>]*>/g, ''))
}

export function slotsIn(template: string): string[] {
  return [...template.matchAll(/\[([a-zA-Z_]+)\]/g)].map((match) => match[1] as string)
}

/** Fills a template whose alternatives are already chosen; `used` gets the slots that were filled. */
export function put(template: string, slots: Slots, used?: Set<string>): string {
  const kept = template.replace(/<([^<>]*)>/g, (_, body: string) =>
    slotsIn(body).every((name) => slots[name] !== undefined) ? body : '',
  )
  const text = kept.replace(/\[([a-zA-Z_]+)\]/g, (_, name: string) => {
    const value = slots[name]
    if (value === undefined) throw new Error(`no value for [${name}] in: ${template}`)
    used?.add(name)
    return value
  })
  return tidy(text)
}

export function tidy(text: string): string {
  return text
    .replace(/ {2,}/g, ' ')
    .replace(/ +([,.;:!?])/g, '$1')
    .replace(/([.!?])\.(?!\.)/g, '$1')
    .replace(/,([.!?])/g, '$1')
    .trim()
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
