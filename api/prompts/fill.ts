import type { PromptTemplate } from '../../shared/prompts.ts'

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

export type Slots = Readonly<Record<string, string>>

/** The names of the tags a template fences its slots with (and asks answers to stand in). */
function fenceTags(template: PromptTemplate): string[] {
  const tags = `${template.system}\n${template.user}`.matchAll(/<\/([A-Za-z][\w-]*)>/g)
  return [...tags].map((match) => match[1] ?? '')
}

/**
 * Control tokens as their models spell them, which a server's tokenizer takes for the real ones
 * wherever they stand: a text that holds one could end its message and begin another.
 */
const controlTokens = [
  // ChatML, Llama 3, Phi, Cohere, gpt-oss; DeepSeek's bar is a wide one.
  String.raw`<(?=[|\uFF5C][^|\uFF5C\s]{1,64}[|\uFF5C]>)`,
  // Gemma, Llama 2, and the marks of thinking, at which answers are cut.
  String.raw`<(?=/?(?:start_of_turn|end_of_turn|bos|eos|s|think)>|</?SYS>>)`,
  // Llama 2 and Mistral.
  String.raw`\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS|TOOL_CALLS)\])`,
]

/** What may stand inside a tag and hardly be seen: blanks and characters without a width. */
const unseen = String.raw`[\s\p{Cf}]*`

/**
 * Fills every slot in one pass, so text that contains `{{chosen}}` stays text. What could be taken
 * for the frame in a filled text, its fence tags and the control tokens of models, loses its first
 * character to an entity (`<` becomes `&lt;`): an answer can neither close its fence nor open
 * another, nor end its message. `tags` are fenced too, whether the template spells them out or not.
 * A slot the caller did not give is a fault of the template and throws.
 */
export function fill(
  template: PromptTemplate,
  slots: Slots,
  tags: readonly string[] = [],
): ChatMessage[] {
  const names = [...new Set([...fenceTags(template), ...tags])].join('|')
  const fences = String.raw`<(?=${unseen}(?:/${unseen})?(?:${names})(?![\w-]))`
  const frame = new RegExp([...(names === '' ? [] : [fences]), ...controlTokens].join('|'), 'giu')
  return filled(template, slots, (text) =>
    text.replace(frame, (first) => (first === '<' ? '&lt;' : '&#91;')),
  )
}

/** The same with every text as it is: one can pass for a part of the frame. */
export const fillVerbatim = (template: PromptTemplate, slots: Slots): ChatMessage[] =>
  filled(template, slots, (text) => text)

function filled(
  template: PromptTemplate,
  slots: Slots,
  written: (text: string) => string,
): ChatMessage[] {
  const put = (text: string) =>
    text.replace(/\{\{([a-z_]+)\}\}/g, (_, name: string) => {
      const value = slots[name]
      if (value === undefined) throw new Error(`the prompt has an unknown slot {{${name}}}`)
      return written(value)
    })
  const user: ChatMessage = { role: 'user', content: put(template.user) }
  return template.system === '' ? [user] : [{ role: 'system', content: put(template.system) }, user]
}
