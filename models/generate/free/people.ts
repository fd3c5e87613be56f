import type { Rng } from '../random.ts'
import type { Group } from '../scenario.ts'
import { part, type Split } from '../split.ts'
import { firstName, surname, type Fact } from '../values.ts'
import { voices, type Voice } from './voice.ts'

/** Who a free question is about: a name and how the writer is related to it, or a relation alone. */
export interface Person {
  readonly q: string
  readonly voice: Voice
  readonly to?: Fact
  readonly group?: Group
  readonly work: boolean
}

const words = (text: string) => text.trim().split(/\s*,\s*/)

const work = words(
  'my boss, my manager, my coworker, my colleague, our client, our customer, my supervisor, my teammate, our supplier, my assistant, our accountant, my professor, my team lead, our intern, my old boss, the new hire, our receptionist, my mentor, our project manager, a customer, a client, our technician',
)
const home = words(
  'my neighbor, my neighbour, my friend, my roommate, my flatmate, my babysitter, my best friend, my landlord, our landlord, my coach, my cousin, my classmate, our dog sitter, my piano teacher, my old friend, our cleaner, my tutor, the caretaker, my hairdresser, our gardener, my dentist, my doctor, my pen pal, my partner',
)
const kin: Readonly<Record<'she' | 'he', readonly string[]>> = {
  she: words('my sister, my aunt, my niece, my daughter, my stepsister, my girlfriend, my wife'),
  he: words('my brother, my uncle, my nephew, my son, my stepbrother, my boyfriend, my husband'),
}
/** Called by what they are: "my grandma" is greeted "Dear Grandma". */
const called: readonly (readonly [string, keyof typeof voices])[] = [
  ...words('grandmother, grandma, mother, mom, mum, aunt, granny, nana, sister, mother-in-law').map(
    (name) => [name, 'she'] as const,
  ),
  ...words('grandfather, grandpa, father, dad, uncle, granddad, brother, father-in-law').map(
    (name) => [name, 'he'] as const,
  ),
]
const roles: readonly Group[] = [
  { q: 'my landlord', hi: ['Hello', 'Good morning', 'Dear landlord'] },
  { q: 'landlord', hi: ['Hello', 'Good morning', 'Dear landlord'] },
  { q: 'my boss', hi: ['Hello', 'Good morning'] },
  { q: 'boss', hi: ['Hello', 'Good morning'] },
  { q: 'my neighbor', hi: ['Dear neighbor', 'Hello'] },
  { q: 'my manager', hi: ['Hello', 'Good morning'] },
  { q: 'my doctor', hi: ['Hello', 'Good morning'] },
  { q: "my son's teacher", hi: ['Dear teacher', 'Hello'] },
  { q: "my daughter's teacher", hi: ['Dear teacher', 'Hello'] },
  { q: 'a customer', hi: ['Dear customer', 'Hello'] },
  { q: 'the property manager', hi: ['Hello', 'Good morning'] },
  { q: 'my roommate', hi: ['Hi there', 'Hello'] },
]

const cap = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

function named(name: string, q: string, voice: Voice, isWork: boolean): Person {
  return {
    q,
    voice,
    work: isWork,
    to: {
      key: 'to',
      core: name,
      label: `the name of the reader (${name})`,
      slots: { to: q, toHi: name, aud: q },
    },
  }
}

export function person(rng: Rng, split: Split, atWork: boolean): Person {
  const kind = rng.weighted([
    ['related', 5],
    ['titled', atWork ? 3 : 1],
    ['kin', atWork ? 0 : 1.6],
    ['called', atWork ? 0 : 2.4],
    ['role', 1.6],
    ['bare', 1.4],
  ] as const)
  const any = voices[rng.pick(['she', 'he', 'they'] as const)]
  const first = firstName(rng, split)
  const relation = rng.pick(part(atWork ? work : home, split))
  if (kind === 'titled') {
    const title = rng.pick(['Mr', 'Mrs', 'Ms', 'Mr', 'Mrs', 'Dr'])
    const name = `${title}${rng.chance(0.65) ? '.' : ''} ${surname(rng, split)}`
    const voice = title === 'Mr' ? voices.he : title === 'Dr' ? any : voices.she
    return named(name, rng.chance(0.7) ? `${relation} ${name}` : name, voice, atWork)
  }
  if (kind === 'kin') {
    const side = rng.pick(['she', 'he'] as const)
    return named(first, `${rng.pick(kin[side])} ${first}`, voices[side], false)
  }
  if (kind === 'called') {
    const [name, side] = rng.pick(called)
    return named(cap(name), `my ${name}`, voices[side], false)
  }
  if (kind === 'role') {
    const group = rng.pick(roles)
    return { q: group.q, voice: any, group, work: atWork }
  }
  if (kind === 'bare') return named(first, first, any, atWork)
  return named(first, `${relation}${rng.chance(0.12) ? ',' : ''} ${first}`, any, atWork)
}
