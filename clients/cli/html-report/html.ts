/** HTML and SVG as text in which nothing that was put in can become markup. */
export interface Markup {
  readonly markup: string
}

export type Part = string | number | Markup | null | readonly Part[]

/** A template whose parts are escaped, unless they are markup themselves; null is nothing. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup => ({
  markup: strings.map((text, at) => text + written(parts[at] ?? null)).join(''),
})

function written(part: Part): string {
  if (part === null) return ''
  if (typeof part === 'string') return part.replace(/[&<>"']/g, escaped)
  if (typeof part === 'number') return String(part)
  return 'markup' in part ? part.markup : part.map(written).join('')
}

const escaped = (character: string) => `&#${character.codePointAt(0)};`
