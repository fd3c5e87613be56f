import type { Rng } from './random.ts'
import { slotsOf, type Scenario } from './scenario.ts'
import { capital, put, required, spin } from './spin.ts'
import { part, type Split } from './split.ts'
import type { Fact } from './values.ts'

/** How a question opens, with its end mark; the text that follows starts with "a" or "an". */
const leads: readonly (readonly [string, string])[] = [
  ['Write', '.'],
  ['Write', '.'],
  ['Please write', '.'],
  ['Can you write', '?'],
  ['Could you write', '?'],
  ['Write me', '.'],
  ['Could you please draft', '?'],
  ['Draft', '.'],
  ['Compose', '.'],
  ['Help me write', '.'],
  ['Can you help me write', '?'],
  ['I need', '.'],
  ["I'd like", '.'],
  ['I want to send', '.'],
  ['I have to send', '.'],
  ['Please draft', '.'],
  ['Would you write', '?'],
  ['Please help me with', '.'],
  ['Prepare', '.'],
  ['Could you come up with', '?'],
  ['Give me', '.'],
  ["I'm looking for", '.'],
  ['Put together', '.'],
  ['Make', '.'],
  ['We need', '.'],
  ['Create', '.'],
  ['Can you draft', '?'],
  ['I would like', '.'],
  ['Can I have', '?'],
  ['Do you have', '?'],
  ['Please compose', '.'],
  ['I am trying to write', '.'],
  ['Suggest', '.'],
  ['Please prepare', '.'],
  ['Could you put together', '?'],
  ['Generate', '.'],
  ['Let us write', '.'],
  ['Show me', '.'],
]

const bulletNames: Readonly<Record<string, readonly string[]>> = {
  day: ['Day', 'Date', 'When', 'On'],
  time: ['Time', 'At'],
  place: ['Place', 'Where', 'Location'],
  bring: ['Bring', 'To bring'],
  why: ['Reason', 'Why', 'Because'],
  rsvp: ['Reply by', 'RSVP by', 'Answer by'],
  note: ['Note', 'Also', 'Mention'],
  contact: ['Questions', 'Contact'],
  to: ['To', 'Recipient', 'For'],
  from: ['From', 'Sender', 'Signed'],
  how: ['How'],
  effect: ['Effect', 'Detail', 'Mention'],
  next: ['Next', 'At the end'],
  remedy: ['Remedy', 'I will'],
  todo: ['What to do', 'To do'],
  change: ['Change', 'News'],
}
const bulletTopic: Readonly<Record<string, readonly string[]>> = {
  reminder: ['Event', 'What', 'Subject'],
  deadline: ['Task', 'What', 'To do'],
  invitation: ['Event', 'What', 'Occasion'],
  thanks: ['Thanks for', 'For', 'Reason for thanks'],
  apology: ['Apology for', 'Sorry for', 'For'],
  request: ['Request', 'I need them to', 'Ask them to'],
  announcement: ['News', 'What', 'Message'],
  change: ['Event', 'What'],
}

function bulletValue(fact: Fact): string {
  const s = fact.slots
  return (s[`${fact.key}N`] ??
    s['whatN'] ??
    s['taskQ'] ??
    s['for'] ??
    s['ask'] ??
    s['news'] ??
    s['bringQ'] ??
    s['todoQ'] ??
    s[fact.key] ??
    fact.core) as string
}

export function extra(
  scenario: Scenario,
  key: string,
  rng: Rng,
  split: Split,
  slots: Record<string, string>,
): string | undefined {
  const options = part(scenario.kit.extras[key] ?? [], split).filter((t) =>
    required(t).every((name) => slots[name] !== undefined),
  )
  const pool =
    options.length > 0
      ? options
      : (scenario.kit.extras[key] ?? []).filter((t) =>
          required(t).every((name) => slots[name] !== undefined),
        )
  return pool.length === 0 ? undefined : capital(put(spin(rng.pick(pool), rng), slots))
}

const toThird = (text: string) =>
  text
    .replace(/\byour\b/g, 'their')
    .replace(/\byou (saved|need|come|have|can)\b/g, 'they $1')
    .replace(/\byou\b/g, 'them')

/** A fact as the writer tells it to a third person: "your ladder" becomes "their ladder". */
export function spokenOf(fact: Fact): Fact {
  if (['day', 'time', 'place', 'to', 'from', 'bring', 'rsvp', 'contact'].includes(fact.key))
    return fact
  return {
    ...fact,
    slots: Object.fromEntries(
      Object.entries(fact.slots).map(([name, text]) => [name, toThird(text)]),
    ),
  }
}

const article = (word: string) => (/^[aeiou]/i.test(word) ? 'an' : 'a')

/** A question with all facts of a scenario. `reader` says whether it names the group it is for. */
export function ask(scenario: Scenario, rng: Rng, split: Split): { text: string; reader: boolean } {
  const { kit, facts } = scenario
  const style = rng.weighted([
    ['prose', 84],
    ['bullets', 16],
  ])
  if (style === 'bullets' && facts.length >= 3) return bullets(scenario, rng, split)
  const [lead, end] = rng.pick(part(leads, split, (l) => l[0]))
  const { slots, owner } = slotsOf(rng.chance(0.75) ? facts.map(spokenOf) : facts, {
    ...scenario.context,
    L: lead,
    E: end,
  })
  const usable = (t: string) => required(t).every((name) => slots[name] !== undefined)
  const held = part(kit.asks, split).filter(usable)
  let template = spin(rng.pick(held.length > 0 ? held : kit.asks.filter(usable)), rng)
  const share = rng.pick([0.2, 0.7, 0.9])
  template = template.replace(/<[^<>]*>/g, (chunk) => (rng.chance(share) ? chunk : ''))
  let tone = scenario.tone
  if (tone !== undefined && !tone.includes(' and ') && / an? /.test(template) && rng.chance(0.5)) {
    template = template.replace(/ (an?) (?=\S)/, ` ${article(tone)} ${tone} `)
    template = template.replace(
      /(friendly|polite|warm|short|quick|nice) (friendly|polite|warm) /,
      '$1 ',
    )
    tone = undefined
  }
  const used = new Set<string>()
  let first = capital(put(template, slots, used))
  const told = new Set([...used].map((name) => owner.get(name)).filter((key) => key !== undefined))
  const rest = facts.filter((fact) => fact.key !== 'what' && !told.has(fact.key))
  const sentences: string[] = []
  const order = rng.chance(0.6) ? rest : rng.shuffle(rest)
  for (const fact of order) {
    const text = extra(scenario, fact.key, rng, split, slots)
    if (text === undefined) throw new Error(`no way to ask for ${fact.key} in ${scenario.kind}`)
    sentences.push(text)
  }
  if (tone !== undefined) {
    const text = extra(scenario, 'tone', rng, split, { ...slots, tone, Tone: capital(tone) })
    if (text !== undefined)
      sentences.push(
        text
          .replace(/\b(a|an) (?=\S+ tone)/, '')
          .replace(/^Use (.*) tone\.$/, (_, t: string) => `Use ${article(t)} ${t} tone.`),
      )
  }
  if (rng.chance(0.1)) sentences.push(extra(scenario, 'size', rng, split, slots) as string)
  if (!/[.!?]$/.test(first)) first = sentences.length > 0 ? `${first}.` : first
  let text = [first, ...sentences].join(rng.chance(0.06) ? '\n' : ' ')
  if (rng.chance(0.05)) text = text.charAt(0).toLowerCase() + text.slice(1)
  if (rng.chance(0.05)) text = text.replace(/\.$/, '')
  if (rng.chance(0.04)) text = `${rng.pick(['Hi! ', 'Hello, ', 'Hey, ', 'Good morning. '])}${text}`
  if (rng.chance(0.05)) text = `${text}${rng.pick([' Thanks!', ' Thank you.', ' Thanks.'])}`
  const reader = used.has('aud') || used.has('Aud')
  return { text, reader }
}

function bullets(scenario: Scenario, rng: Rng, split: Split): { text: string; reader: boolean } {
  const { kit, facts } = scenario
  const [lead] = rng.pick(part(leads, split, (l) => l[0]).filter((l) => !l[1].includes('?')))
  const noun = `${kit.title}${rng.pick(['', '', ' email', ' message'])}`
    .replace('note email', 'email')
    .replace('note message', 'note')
  const head = rng.pick(
    part(
      [
        `[L] ${article(kit.title)} ${noun} with these facts:`,
        `[L] ${article(kit.title)} ${noun}. Details:`,
        `[L] ${article(kit.title)} ${noun}. Facts:`,
        `[L] ${article(kit.title)} ${noun} using the following points:`,
        `[L] ${article(kit.title)} ${noun}:`,
        `[L] ${article(kit.title)} ${noun} from these notes:`,
        `[L] ${article(kit.title)} ${noun}. Please include:`,
        `[L] ${article(kit.title)} ${noun} based on this:`,
      ],
      split,
    ),
  )
  const reader = scenario.group !== undefined
  const rows = facts.map(
    (fact) =>
      [
        fact.key === 'why' && ['reminder', 'invitation'].includes(scenario.kind)
          ? rng.pick(['Purpose', 'Goal', 'Aim', 'Why'])
          : fact.key === 'what'
            ? rng.pick(bulletTopic[scenario.kind] as readonly string[])
            : rng.pick(bulletNames[fact.key] as readonly string[]),
        bulletValue(fact),
      ] as const,
  )
  if (reader)
    rows.splice(rng.int(0, 1), 0, [
      rng.pick(['To', 'For', 'Readers']),
      scenario.context['aud'] as string,
    ])
  if (scenario.tone !== undefined) rows.push(['Tone', scenario.tone])
  const mark = rng.pick(['- ', '- ', '* ', ''])
  const inline = rng.chance(0.25)
  const text = head.replace('[L]', lead)
  return {
    text: inline
      ? `${text} ${rows.map(([k, v]) => `${k.toLowerCase()}: ${v}`).join('; ')}.`
      : `${text}\n${rows.map(([k, v]) => `${mark}${k}: ${v}`).join('\n')}`,
    reader,
  }
}
