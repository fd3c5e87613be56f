import { count } from './message.ts'
import type { Kind, Kit } from './scenario.ts'
import { months, weekdays } from './values.ts'
import { allClosings, fillers, preambles, slang } from './wording.ts'

/** What a grader has to know about a request: the facts that an answer must keep. */
export interface Brief {
  readonly question: string
  readonly kind: Kind | 'other'
  readonly facts: readonly { readonly key: string; readonly core: string; readonly label: string }[]
}

export type Broken = 'empty' | 'refusal' | 'offtopic' | 'truncated' | 'repeat' | 'rambling'

/** The named qualities of an answer, as a program sees them. */
export interface Traits {
  readonly missing: readonly string[]
  readonly wrong: readonly string[]
  readonly invented: boolean
  readonly placeholder: boolean
  readonly greeting: boolean
  readonly purpose: boolean
  readonly cta: boolean
  readonly tone: boolean
  readonly length: 'good' | 'short' | 'long'
  readonly structure: boolean
  readonly signoff: boolean
  readonly warm: boolean
  readonly broken?: Broken
  readonly words: number
}

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const greetingLine =
  /^(hi|hello|dear|hey|good (morning|day|afternoon|evening)|welcome)\b(?:, (?=[A-Z])| )?(?:(?:Mr|Mrs|Ms|Dr)\.)?[^.!?,\n]{0,50},/i
const closingWords = [...allClosings, 'Yours', 'Thanks', 'Many thanks', 'Thank you']
const closing = new RegExp(
  `(^|[\\n.!?] ?)(${closingWords.map(escape).join('|')})\\b,?( [A-Z][^.!?\\n]{0,40}|\\n[^\\n]{1,40})?\\s*$`,
)
const ctaWords =
  /\b(let (me|us) know|tell (me|us)|reply|rsvp|(?:please|could you|to|kindly) confirm|get in touch|contact (me|us)|write back|your answer|short answer|drop me a line|send (me|us) (a|your) (line|short|answer)|are coming\?|send me a line|call me when|when you have a moment|when you are free|can join us\?|join us\?|need anything from me|if (you are|this is) (coming|possible)|just tell me|just reply|please (answer|send us|call|tell|write to|contact) (me|us)|could you tell|tell me when|how I can make it right|can we talk about it)/i
const rudeWords =
  /\b(tired of|no excuses|you had better|should not have to|never read emails|to blame|not that hard|there will be trouble|for once\.|never come anyway|ask twice|owe me this|do not bother|suppose I have to|boring this time|hardly care|nobody expects you|because I have to|last time I will ask|always the last one|cannot be that hard|face the consequences|wasting my time|managed it ages|overreacting|your own fault|a big thing of it|get over it|deal with it|so upset|hardly a tragedy|not even complain|because I was told|more patient\.|do it right this time|waited long enough|it is your job|how busy you are|make me ask again|least you (can|could) do|much faster than you|frankly, this|just get it done|complaints|your problem\.|known this already|not our fault|not my fault|will not read this|in arguing|do not care|about time you did|could have been better|expected a little more|does it better|rather slow|not that it was a big|try a bit harder|anything in return|late again|late like always|into your heads|would not have come anyway)\b/i
const slangWords =
  /\b(yo,|lol|dude|gonna|no biggie|haha|you do you|OMG|just sayin|peeps|super mega)\b/i
const low = (text: string) => text.toLowerCase()

export function sentences(text: string): string[] {
  return text
    .split(/(?<=[.!?])(?<!\b(?:Mr|Mrs|Ms|Dr)\.)\s+|\n+/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

const fillerSet = new Set(fillers.map(low))
const preambleSet = new Set(preambles.map(low))
const slangSet = new Set(slang.map(low))

/** Letters and digits only, so that "3 p.m." and "3 pm" compare equal. */
const plain = (text: string) =>
  ` ${low(text)
    .replace(/(\d) ?([ap])\.?m\.?\b/g, '$1 $2m')
    .replace(/[’']/g, "'")
    .replace(/[^\p{L}\p{N}:@'.]+/gu, ' ')
    .replace(/\.(?=\s|$)/g, '')
    .trim()} `

export function keeps(text: string, core: string): boolean {
  return (
    plain(text).includes(` ${plain(core).trim()} `) ||
    plain(text).includes(` ${plain(core).trim()}'s `)
  )
}

/** Values in the answer that the request does not contain: days, numbers, names in mid-sentence. */
export function strangers(whole: string, question: string): string[] {
  whole = whole.replace(/\[[A-Za-z' ]{3,30}\]/g, '[]')
  const hello = greetingLine.exec(whole.trim())?.[0] ?? ''
  const answer = `${hello}\n${whole.trim().slice(hello.length).trim()}`
  const known = plain(question)
  const out: string[] = []
  const has = (word: string) =>
    known.includes(` ${low(word)} `) ||
    known.includes(` ${low(word)}'s `) ||
    known.includes(low(word))
  for (const match of answer.matchAll(/\d[\d:.,]*\d|\d/g))
    if (!known.includes(match[0])) out.push(match[0])
  for (const word of [...weekdays, ...months, 'tomorrow', 'tonight', 'yesterday'])
    if (word !== 'May' && new RegExp(`\\b${word}\\b`).test(answer) && !has(word)) out.push(word)
  for (const match of answer.matchAll(/(?<=[a-z,] )([A-Z][\p{L}]+)/gu)) {
    const word = match[1] as string
    if (
      !has(word) &&
      !out.includes(word) &&
      !allClosings.some((c) => c.startsWith(word)) &&
      !['RSVP', 'English', 'Mr', 'Ms', 'Mrs', 'Dr', 'Thanks', 'Thank', 'IT', 'HR', 'PDF'].includes(
        word,
      )
    )
      out.push(word)
  }
  const lines = answer.trim().split('\n')
  const last = (lines.at(-1) ?? '').trim()
  const name = /^[A-Z][\p{L}]+( [A-Z][\p{L}]+)?$/u.exec(last)?.[0]
  if (lines.length > 1 && name !== undefined && !closingWords.includes(name) && !has(name))
    out.push(name)
  return [...new Set(out)]
}

/** The share of the facts' longer words that the answer has. */
function overlap(facts: Brief['facts'], answer: string): number {
  const all = facts.flatMap((fact) =>
    plain(fact.core)
      .trim()
      .split(' ')
      .filter((word) => word.length > 3),
  )
  const said = plain(answer)
  return all.length === 0 ? 1 : all.filter((word) => said.includes(` ${word} `)).length / all.length
}

export function grade(brief: Brief, answer: string, kit?: Kit): Traits {
  const text = answer.trim()
  const words = count(text)
  const parts = sentences(text)
  const hello = greetingLine.exec(text)?.[0] ?? ''
  const body = text.slice(hello.length).trim()
  const bodyParts = sentences(body)
  const facts = brief.facts
  const missing = facts.filter((fact) => !keeps(text, fact.core)).map((fact) => fact.key)
  const odd = strangers(text, brief.question).filter((word) => !word.startsWith('['))
  const inventedPool = kit?.invented.some((sentence) => text.includes(sentence)) ?? false
  const clean = inventedPool
    ? strangers(
        (kit as Kit).invented.reduce((t, sentence) => t.replace(sentence, ''), text),
        brief.question,
      )
    : odd
  const wrong: string[] = []
  if (clean.length > 0) {
    for (const fact of facts) {
      if (!missing.includes(fact.key)) continue
      const dayLike =
        weekdays.some((d) => fact.core.includes(d)) ||
        months.some((m) => fact.core.includes(m)) ||
        /tomorrow|tonight|yesterday|week|month/.test(fact.core)
      const hit = clean.some((word) =>
        dayLike
          ? [...weekdays, ...months, 'tomorrow', 'tonight', 'yesterday'].includes(word) ||
            /^\d{1,2}$/.test(word)
          : fact.key === 'time'
            ? /\d/.test(word)
            : ['to', 'from', 'contact', 'place'].includes(fact.key)
              ? /^[A-Z]/.test(word) || /\d/.test(word)
              : false,
      )
      if (hit) wrong.push(fact.key)
    }
  }
  const placeholder = /\[[A-Za-z' ]{3,30}\]/.test(text)
  const invented = inventedPool || (clean.length > 0 && wrong.length === 0)
  const what = facts.find((fact) => fact.key === 'what')
  const head = bodyParts[0] ?? ''
  const gist =
    what === undefined
      ? []
      : plain(what.core)
          .trim()
          .split(' ')
          .filter((word) => word.length > 3)
  const purpose =
    what === undefined
      ? true
      : missing.includes('what')
        ? !preambleSet.has(low(head)) && gist.some((word) => plain(head).includes(` ${word} `))
        : !preambleSet.has(low(head)) &&
          !fillerSet.has(low(head)) &&
          (keeps(head, what.core) ||
            (keeps(`${head} ${bodyParts[1] ?? ''}`, what.core) &&
              !preambleSet.has(low(head)) &&
              head.endsWith(':')))
  const tail = text.slice(-90)
  const signoff = closing.test(tail) && !/\[[A-Za-z' ]{3,30}\]/.test(tail.slice(-40))
  const padding = parts.filter((part) => fillerSet.has(low(part))).length
  const length = padding >= 2 || words > 125 ? 'long' : words < 28 ? 'short' : 'good'
  const rude =
    rudeWords.test(text) ||
    slangWords.test(text) ||
    parts.some((part) => slangSet.has(low(part))) ||
    (kit?.rude.some((sentence) => text.includes(sentence)) ?? false)
  const warm =
    kit?.warm.some((sentence) => text.includes(sentence)) ??
    /thank|look forward|looking forward|see you|hope/i.test(bodyParts.slice(-2).join(' '))
  const counts = new Map<string, number>()
  for (const part of parts)
    if (part.length > 12) counts.set(low(part), (counts.get(low(part)) ?? 0) + 1)
  let broken: Broken | undefined
  if (words < 5) broken = 'empty'
  else if (
    what !== undefined &&
    missing.includes('what') &&
    /small (demo|model)|demo model|short practical messages|outside what I/i.test(text)
  )
    broken = 'refusal'
  else if (what !== undefined && missing.includes('what') && overlap(facts, text) < 0.25)
    broken = 'offtopic'
  else if ([...counts.values()].some((n) => n > 1)) broken = 'repeat'
  else if (
    !/[.!?]$/.test(text) &&
    !signoff &&
    !placeholder &&
    !/\n[^\n]{1,40}$/.test(text) &&
    !closingWords.some((word) => text.endsWith(word))
  )
    broken = 'truncated'
  const structure = text.includes('\n\n') || (hello === '' && words < 25 && !closing.test(tail))
  return {
    missing: missing.filter((key) => !wrong.includes(key)),
    wrong,
    invented,
    placeholder,
    greeting: hello !== '' && !/\[/.test(hello),
    purpose,
    cta: ctaWords.test(body),
    tone: !rude,
    length,
    structure,
    signoff,
    warm,
    words,
    ...(broken === undefined ? {} : { broken }),
  }
}

const brokenCost: Readonly<Record<Broken, number>> = {
  empty: 7,
  refusal: 7,
  offtopic: 6,
  truncated: 1.6,
  repeat: 1.8,
  rambling: 3,
}

/** One number for an answer; the reward model learns to order answers by it. */
export function score(t: Traits): number {
  if (t.broken === 'empty' || t.broken === 'refusal' || t.broken === 'offtopic')
    return -brokenCost[t.broken]
  let s = t.broken === undefined ? 0 : -brokenCost[t.broken]
  s -= Math.min(5, 1.1 * t.missing.length) + Math.min(5, 1.7 * t.wrong.length)
  if (t.invented) s -= 1.2
  if (t.placeholder) s -= 0.5
  if (!t.greeting) s -= 0.7
  if (!t.purpose) s -= 0.8
  if (!t.cta) s -= 0.9
  if (!t.tone) s -= 1.3
  if (t.length !== 'good') s -= 0.9
  if (!t.structure) s -= 0.7
  if (!t.signoff) s -= 0.7
  if (t.warm) s += 0.3
  return s
}
