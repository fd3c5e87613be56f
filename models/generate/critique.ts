import type { Rng } from './random.ts'
import { spin } from './spin.ts'
import type { Brief, Traits } from './grade.ts'

/** One thing to change, in the order in which it matters. */
export type Item =
  | 'broken'
  | 'wrong'
  | 'missing'
  | 'invented'
  | 'tone'
  | 'cta'
  | 'long'
  | 'short'
  | 'purpose'
  | 'placeholder'
  | 'greeting'
  | 'signoff'
  | 'structure'
  | 'warm'

const order: readonly Item[] = [
  'broken',
  'wrong',
  'missing',
  'invented',
  'tone',
  'cta',
  'long',
  'purpose',
  'placeholder',
  'greeting',
  'signoff',
  'structure',
  'short',
  'warm',
]

/** The weak points of an answer, most important first. */
export function weaknesses(t: Traits): Item[] {
  const bad: Record<Item, boolean> = {
    broken: t.broken !== undefined,
    wrong: t.wrong.length > 0,
    missing: t.missing.length > 0,
    invented: t.invented,
    tone: !t.tone,
    cta: !t.cta,
    long: t.length === 'long',
    short: t.length === 'short' && t.missing.length === 0,
    purpose: !t.purpose,
    placeholder: t.placeholder,
    greeting: !t.greeting,
    signoff: !t.signoff && !t.placeholder,
    structure: !t.structure,
    warm: !t.warm,
  }
  const all = order.filter((item) => bad[item])
  const real = all.filter((item) => item !== 'warm')
  return real.length > 0 ? real : all
}

export const label = (brief: Brief, key: string) =>
  brief.facts.find((fact) => fact.key === key)?.label ?? key

export function listed(parts: readonly string[], word = 'and'): string {
  if (parts.length <= 1) return parts[0] ?? ''
  return `${parts.slice(0, -1).join(', ')} ${word} ${parts.at(-1)}`
}

/** At most three facts are named at once. */
export const named = (brief: Brief, keys: readonly string[]) =>
  listed(keys.slice(0, 3).map((key) => label(brief, key)))

const weak: Readonly<Record<Item, readonly string[]>> = {
  broken: [
    'it {does not really answer the request|is not a usable message as it stands}',
    'as a message it does not work: it {breaks off|repeats itself|misses the point}',
    'the text {is broken or off the point|does not do what was asked}',
  ],
  wrong: [
    'it {gets a fact wrong|states a wrong fact}: [wrong] {must be taken|has to come} from the request',
    '[wrong] {is wrong|does not match the request}',
    'it does not give [wrong] as the request does',
  ],
  missing: [
    'it {leaves out|never mentions|does not mention|is missing} [missing]',
    '[missing] {is missing|is not there|got lost}',
    'the reader {does not learn|is not told} [missing]',
  ],
  invented: [
    'it {adds|invents} {a detail|something} that the request does not {contain|mention}',
    'one detail is {made up|invented}',
  ],
  tone: [
    'the tone is {rude|unfriendly|off} in places',
    'it {sounds rude|contains an unfriendly remark}',
    'one remark {is impolite|does not fit the tone}',
  ],
  cta: [
    'there is no {clear next step|call to action}',
    'it does not say what the reader should do {next|now}',
    'it never asks for {a reply|an answer} or a next step',
  ],
  long: [
    'it is {padded with empty sentences|too wordy}',
    'several sentences say nothing',
    'there is {too much filler|a lot of padding}',
  ],
  short: ['it is {too short|very thin}', 'it says {too little|hardly more than the bare minimum}'],
  purpose: [
    'the purpose {comes too late|does not come first}',
    'it {starts with small talk|opens with empty phrases} instead of the purpose',
  ],
  placeholder: [
    'it {leaves a placeholder|contains a blank} in brackets',
    'a bracketed placeholder {was left in|is still there}',
  ],
  greeting: [
    '{there is no greeting|it has no greeting|the greeting is missing}',
    'it starts without a greeting',
  ],
  signoff: [
    '{there is no sign-off|it has no sign-off|the sign-off is missing}',
    'it ends without a closing line',
  ],
  structure: [
    'it is one block of text {without paragraphs|with no breaks}',
    '{the text has no paragraphs|paragraph breaks are missing}',
  ],
  warm: ['a warm closing {sentence|line} is missing', 'the ending is a little {dry|cool}'],
}

const strong: Readonly<Record<Exclude<Item, 'short'> | 'short', readonly string[]>> = {
  broken: ['it is a complete message', 'it answers the request'],
  wrong: ['it has the facts right', 'its facts match the request'],
  missing: ['it gives [gained]', 'it mentions [gained]', 'it includes [gained]'],
  invented: ['it invents nothing', 'it sticks to the facts of the request'],
  tone: ['its tone is {polite|friendly|pleasant}', 'it stays polite'],
  cta: ['it says what the reader should do', 'it has a clear next step', 'it asks for a reply'],
  long: ['it is concise', 'it has no padding', 'it gets to the point without filler'],
  short: ['it has enough substance', 'it is a full message'],
  purpose: ['it states its purpose first', 'it opens with the purpose'],
  placeholder: ['it leaves no placeholder', 'it has no blanks in brackets'],
  greeting: ['it greets the reader', 'it has a proper greeting'],
  signoff: ['it has a sign-off', 'it closes properly'],
  structure: ['it has clear paragraphs', 'it is well structured'],
  warm: ['it ends warmly', 'it has a warm closing line'],
}

function words(item: Item, brief: Brief, t: Traits, rng: Rng): string {
  const text = spin(rng.pick(weak[item]), rng)
    .replace('[missing]', named(brief, t.missing))
    .replace('[wrong]', named(brief, t.wrong))
  return t.missing.length > 1
    ? text.replace(/ (is missing|is not there|got lost)$/, (m) => m.replace('is', 'are'))
    : text
}

const cap = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** What the better answer does better; empty when a program sees no difference. */
function advantages(brief: Brief, a: Traits, b: Traits, rng: Rng): string[] {
  const wa = new Set(weaknesses(a))
  const gained = [...b.missing, ...b.wrong].filter(
    (key) => !a.missing.includes(key) && !a.wrong.includes(key),
  )
  const wb: Item[] = weaknesses(b).filter((item) => !wa.has(item) && item !== 'missing')
  const items: Item[] =
    gained.length > 0 && b.broken === undefined
      ? ['missing', ...wb.filter((item) => item !== 'wrong')]
      : wb
  return items
    .slice(0, 2)
    .map((item) =>
      spin(rng.pick(strong[item]), rng).replace(
        '[gained]',
        listed(gained.slice(0, 2).map((key) => label(brief, key))),
      ),
    )
}

const opening = [
  'The higher-scored answer is better because [s].',
  'The higher-scored answer does better: [s].',
  'It wins because [s].',
  'Better: [s].',
  'The first answer is stronger, since [s].',
  'What it does better: [s].',
]
const equal = [
  'The two answers are close.',
  'Both answers are similar.',
  'There is little between the two answers.',
]
const weakHead = [
  'Still weak: ',
  'What is still weak: ',
  'Weak points: ',
  'It still has weak points: ',
  'To improve: ',
  'But ',
]
const fine = [
  'Otherwise {it is already very good|there is little to criticise}: all facts are there, and the tone fits.',
  'It {is already very good|works well}: it keeps every fact and {reads well|is clear}.',
  'There is no real weakness: every fact is kept and the structure is clear.',
]
const polish = [
  'Only {a small polish is left|a detail could be better}: [w].',
  'At most one thing: [w].',
  'A small point: [w].',
]
const warmer = [
  'One more friendly sentence {at the end |}would make it {even |}warmer.',
  'A small point: the ending could be {a little|even} warmer.',
  'At most, another friendly sentence could {be added|stand at the end}.',
]
const nothing = [
  'Nothing important is left to change.',
  'I see nothing that has to change.',
  'It can stay as it is.',
]

export interface Critique {
  readonly text: string
  /** The weak points it names, most important first. */
  readonly items: readonly Item[]
}

/** The textual loss. Without `rejected` it only names what is weak. */
export function critique(
  brief: Brief,
  chosen: Traits,
  rejected: Traits | undefined,
  rng: Rng,
): Critique {
  const all = weaknesses(chosen)
  const real = all.filter((item) => item !== 'warm')
  const parts: string[] = []
  if (rejected !== undefined) {
    const plus = advantages(brief, chosen, rejected, rng)
    parts.push(
      plus.length > 0
        ? rng
            .pick(opening)
            .replace('[s]', plus.length === 2 ? `${plus[0]}, and ${plus[1]}` : (plus[0] as string))
        : rng.pick(equal),
    )
  }
  if (real.length === 0) {
    parts.push(
      spin(rng.pick(fine), rng)
        .replace(/^Otherwise i/, rejected === undefined ? 'I' : 'Otherwise i')
        .replace(/^Otherwise t/, rejected === undefined ? 'T' : 'Otherwise t'),
    )
    if (all.length > 0)
      parts.push(spin(rng.pick(polish), rng).replace('[w]', words('warm', brief, chosen, rng)))
    else if (rng.chance(0.35)) {
      parts.push(spin(rng.pick(warmer), rng))
      return { text: parts.join(' '), items: ['warm'] }
    } else parts.push(rng.pick(nothing))
    return { text: parts.join(' '), items: all }
  }
  const items = real.slice(
    0,
    rng.weighted([
      [2, 6],
      [3, 4],
    ]),
  )
  const said = items.map((item) => words(item, brief, chosen, rng))
  const style = rng.int(0, 3)
  if (style === 0 && said.length > 1)
    parts.push(
      `${rejected === undefined ? 'Weak points' : 'Still weak'}: ${said.map((text, i) => `${i + 1}) ${text}`).join('; ')}.`,
    )
  else if (style === 1) parts.push(said.map((text) => `${cap(text)}.`).join(' '))
  else {
    const head = rng.pick(
      rejected === undefined
        ? ['Weak points: ', 'The main weakness: ', 'What is weak: ', '']
        : weakHead,
    )
    const text =
      said.length === 1
        ? (said[0] as string)
        : said.length === 2
          ? `${said[0]}, and ${said[1]}`
          : `${said[0]}; ${said[1]}; and ${said[2]}`
    parts.push(cap(`${head}${text}.`))
  }
  return { text: parts.join(' '), items }
}
