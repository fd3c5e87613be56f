import type { Rng } from './random.ts'
import type { Split } from './split.ts'
import type { Fact } from './values.ts'

export const kinds = [
  'reminder',
  'deadline',
  'invitation',
  'thanks',
  'apology',
  'request',
  'announcement',
  'change',
] as const
export type Kind = (typeof kinds)[number]
export type Register = 'formal' | 'neutral' | 'friendly'

/** A sentence in several variants: the first whose required facts are all known is used. */
export type Family = readonly string[]

/** Wording of one kind of message; all texts are templates of spin.ts. */
export interface Kit {
  /** What the message is called in a question: "a reminder". */
  readonly title: string
  /** First sentences of a question. `[L]` is the lead ("Can you write"), `[E]` its end mark. */
  readonly asks: readonly string[]
  /** Further sentences of a question, by fact. */
  readonly extras: Readonly<Record<string, readonly string[]>>
  /** The sentence that says what the message is for. */
  readonly purposes: readonly Family[]
  /** Sentences for facts that the purpose did not carry, in reading order. */
  readonly details: readonly (readonly [key: string, families: readonly Family[]])[]
  /** A sentence that adds no fact. */
  readonly support: readonly string[]
  readonly ctas: readonly Family[]
  readonly warm: readonly string[]
  readonly rude: readonly string[]
  /** Facts nobody asked for, as a careless writer adds them. */
  readonly invented: readonly string[]
}

export interface Group {
  /** As the question calls them. */
  readonly q: string
  /** As the message greets them. */
  readonly hi: readonly string[]
}

export interface Scenario {
  readonly kind: Kind
  readonly kit: Kit
  /** In order of importance; the first is always what the message is about. */
  readonly facts: readonly Fact[]
  /** Slots that are no facts. */
  readonly context: Readonly<Record<string, string>>
  readonly group?: Group
  readonly register: Register
  /** The tone the question asks for, if it does. */
  readonly tone?: string
}

/** To whom a message goes: a person is a fact of its own, a group is not. */
export const addressed = (person: boolean, group: Group): Pick<Scenario, 'context' | 'group'> =>
  person ? { context: {} } : { context: { aud: group.q }, group }

export type Make = (rng: Rng, split: Split) => Scenario

export const tones: Readonly<Record<Register, readonly string[]>> = {
  formal: ['formal', 'professional', 'polite and formal', 'businesslike', 'respectful', 'official'],
  neutral: ['polite', 'clear and polite', 'kind', 'courteous', 'calm', 'helpful'],
  friendly: [
    'friendly',
    'warm',
    'cheerful',
    'relaxed',
    'casual',
    'warm and friendly',
    'light',
    'upbeat',
  ],
}

/** All slots of some facts (each also with a capital), and which fact each came from. */
export function slotsOf(
  facts: Iterable<Fact>,
  context: Readonly<Record<string, string>>,
): { slots: Record<string, string>; owner: Map<string, string> } {
  const slots: Record<string, string> = {}
  const owner = new Map<string, string>()
  const add = (name: string, value: string, key?: string) => {
    const big = name.charAt(0).toUpperCase() + name.slice(1)
    slots[name] = value
    slots[big] = value.charAt(0).toUpperCase() + value.slice(1)
    if (key !== undefined) {
      owner.set(name, key)
      owner.set(big, key)
    }
  }
  for (const [name, value] of Object.entries(context)) add(name, value)
  for (const fact of facts)
    for (const [name, value] of Object.entries(fact.slots)) add(name, value, fact.key)
  return { slots, owner }
}
