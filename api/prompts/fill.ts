import type { PromptTemplate } from '../../shared/prompts.ts'

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

export type Slots = Readonly<Record<string, string>>

/** The names of the tags a template fences its slots with (and asks answers to stand in). */
function fenceTags(template: PromptTemplate): string[] {
  const tags = `${template.system}\n${template.user}`.matchAll(/<\/([A-Za-z][\w-]*)>/g)
  return [...new Set([...tags].map((match) => match[1] ?? ''))]
}

/**
 * Fills every slot in one pass, so text that contains `{{chosen}}` stays text. A fence tag inside
 * a filled text loses its `<`, so an answer can neither close its fence nor open another.
 * A slot the caller did not give is a fault of the template and throws.
 */
export function fill(template: PromptTemplate, slots: Slots): ChatMessage[] {
  const tags = fenceTags(template).join('|')
  const fences = new RegExp(`<(?=\\s*/?\\s*(?:${tags})\\s*>)`, 'gi')
  const put = (text: string) =>
    text.replace(/\{\{([a-z_]+)\}\}/g, (_, name: string) => {
      const value = slots[name]
      if (value === undefined) throw new Error(`the prompt has an unknown slot {{${name}}}`)
      return tags === '' ? value : value.replace(fences, '&lt;')
    })
  const user: ChatMessage = { role: 'user', content: put(template.user) }
  return template.system === '' ? [user] : [{ role: 'system', content: put(template.system) }, user]
}
