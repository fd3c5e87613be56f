import type { Rng } from '../random.ts'
import { garble } from '../garble.ts'
import type { Fact } from '../values.ts'

/**
 * Who a message is for, as the question speaks of them. Phrases of this folder are written with
 * marks: %y is "your", %s "you" before its verb, %o "you" after one. The message keeps the second
 * person, the question speaks of "her sofa" and "the sweater she sent me".
 */
export interface Voice {
  readonly she: string
  readonly her: string
  readonly hers: string
}

export const voices = {
  she: { she: 'she', her: 'her', hers: 'her' },
  he: { she: 'he', her: 'him', hers: 'his' },
  they: { she: 'they', her: 'them', hers: 'their' },
} as const satisfies Readonly<Record<string, Voice>>

export const toReader = (raw: string): string =>
  raw.replaceAll('%y', 'your').replaceAll('%s', 'you').replaceAll('%o', 'you')

export const ofReader = (raw: string, voice: Voice): string =>
  raw.replaceAll('%y', voice.hers).replaceAll('%s', voice.she).replaceAll('%o', voice.her)

/** A fact in both persons: slot NAME for the message, NAMEQ for the question. */
export function voicedFact(
  key: string,
  name: string,
  raw: string,
  voice: Voice,
  label: string,
  more: { readonly strip?: RegExp; readonly core?: string; readonly slots?: Fact['slots'] } = {},
): Fact {
  const text = toReader(raw)
  const core = more.core ?? (more.strip === undefined ? text : text.replace(more.strip, ''))
  const fact: Fact = {
    key,
    core,
    label: `${label} (${text})`,
    slots: { [name]: text, [`${name}Q`]: ofReader(raw, voice), ...more.slots },
  }
  if (!core.match(/\byou(r)?\b/)) return fact
  // The mistake to learn from: the reader is spoken of, not to.
  const wrong = ofReader(raw, voice)
  const again = (rng: Rng): Fact =>
    (rng.chance(0.3) ? garble(fact, rng) : undefined) ?? {
      ...fact,
      core: wrong,
      slots: { ...fact.slots, [name]: wrong },
    }
  return { ...fact, again }
}
