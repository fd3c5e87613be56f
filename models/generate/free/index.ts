import { extra, spokenOf } from '../question.ts'
import type { Task } from '../task.ts'
import type { Rng } from '../random.ts'
import { slotsOf, type Make, type Scenario } from '../scenario.ts'
import { announcement } from '../scenarios/announcement.ts'
import { apology } from '../scenarios/apology.ts'
import { deadline } from '../scenarios/deadline.ts'
import { invitation } from '../scenarios/invitation.ts'
import { reminder } from '../scenarios/reminder.ts'
import { request } from '../scenarios/request.ts'
import { thanks } from '../scenarios/thanks.ts'
import { capital, put, required, spin } from '../spin.ts'
import { part, type Split } from '../split.ts'
import { dayFact, firstNames, personFact, timeFact, type DayStyle, type Fact } from '../values.ts'
import { freeDay } from './days.ts'
import { person, type Person } from './people.ts'
import * as phrases from './phrases.ts'
import { toReader, voicedFact, voices } from './voice.ts'
import { asks, chat, extras, leads, nouns, type FreeKind } from './wording.ts'

const makes: Readonly<Record<FreeKind, readonly [Make, number]>> = {
  request: [request, 3.4],
  fix: [request, 1],
  thanks: [thanks, 2.6],
  apology: [apology, 2.2],
  news: [announcement, 2.6],
  notice: [announcement, 1.2],
  reminder: [reminder, 1],
  chore: [deadline, 1.4],
  invitation: [invitation, 1.2],
}

/** A reason: a clause after "because", or a noun after "because of". */
function reason(who: Person, rng: Rng, split: Split): Fact {
  if (rng.chance(0.55))
    return voicedFact('why', 'why', phrases.reasons(rng, split), who.voice, 'the reason')
  const text = phrases.causes(rng, split)
  return {
    key: 'why',
    core: text.replace(/^(a|an|the|my) /, ''),
    label: `the reason (${text})`,
    slots: { whyOf: text },
  }
}

const anyDay = (rng: Rng, split: Split, style: DayStyle, label = 'day') =>
  rng.chance(0.5) ? freeDay(rng, style) : dayFact(rng, split, 'day', style, label)

const core = /^(the|a|an|your|my|our|some|being|not) /

/** What the message is about, and facts that belong to it. */
function subject(kind: FreeKind, base: Scenario, who: Person, rng: Rng, split: Split): Fact[] {
  const { voice } = who
  const more = (p: number, key: string, draw: typeof phrases.notes, label: string) =>
    rng.chance(p) ? [voicedFact(key, key, draw(rng, split), voice, label)] : []
  if (kind === 'thanks') {
    const raw = phrases.gifts(rng, split)
    const what = voicedFact('what', 'for', raw, voice, 'what the thanks are for', { strip: core })
    return [
      what,
      ...(rng.chance(0.15) ? [anyDay(rng, split, 'past')] : []),
      ...more(0.25, 'effect', phrases.effects, 'the detail'),
    ]
  }
  if (kind === 'apology') {
    const raw = phrases.wrongs(rng, split)
    const what = voicedFact('what', 'for', raw, voice, 'what the apology is for', { strip: core })
    return [
      what,
      ...(rng.chance(0.3) ? [anyDay(rng, split, 'past')] : []),
      ...(rng.chance(0.15)
        ? [voicedFact('why', 'why', phrases.reasons(rng, split), voice, 'the reason')]
        : []),
      ...more(0.3, 'remedy', phrases.remedies, 'what you will do about it'),
    ]
  }
  const why = (p: number) => (rng.chance(p) ? [reason(who, rng, split)] : [])
  if (kind === 'fix') {
    const [thing, state] = phrases.defect(rng, split)
    const day = anyDay(rng, split, 'past').slots['dayN'] as string
    return [
      voicedFact('what', 'ask', `fix the ${thing}`, voice, 'what you ask for', { core: thing }),
      {
        key: 'why',
        core: state.replace(/^is /, ''),
        label: `the problem (it ${state})`,
        slots: { why: `it ${state}`, prob: `${thing} ${state}` },
      },
      ...(rng.chance(0.6)
        ? [
            {
              key: 'note',
              core: `since ${day}`,
              label: `since when (since ${day})`,
              slots: { note: `it has been like this since ${day}`, since: ` since ${day}` },
            },
          ]
        : []),
    ]
  }
  if (kind === 'request') {
    const dayLike = rng.chance(0.5)
    if (rng.chance(0.5)) {
      const [verb, noun] = phrases.nounWishes(rng, split).split('|') as [string, string]
      const what = voicedFact('what', 'ask', `${verb} ${noun}`, voice, 'what you ask for', {
        core: toReader(noun).replace(core, ''),
        slots: { askN: noun.replaceAll('%y', voice.hers) },
      })
      const day = anyDay(rng, split, 'future')
      // "a day off next Friday": the day is when it is wanted, not by when.
      const on = {
        ...day,
        slots: { ...day.slots, dayBy: day.slots['day'] as string },
      }
      const { again: _, ...fixed } = on
      return [
        what,
        ...(dayLike ? [fixed] : []),
        ...why(0.6),
        ...more(0.15, 'note', phrases.notes, 'the detail'),
      ]
    }
    const raw = phrases.verbWishes(rng, split)
    return [
      {
        ...voicedFact('what', 'ask', raw, voice, 'what you ask for', {
          strip: /^\w+ (up |down |back |out )?/,
        }),
      },
      ...(dayLike ? [anyDay(rng, split, 'deadline', 'deadline')] : []),
      ...why(0.5),
      ...more(0.15, 'note', phrases.notes, 'the detail'),
    ]
  }
  if (kind === 'chore') {
    const raw = phrases.chores(rng, split)
    return [
      voicedFact('what', 'task', raw, voice, 'the task', {
        strip: /^\w+ (up |down |back |out |in )?(the |your |my |our )?/,
      }),
      ...(rng.chance(0.7) ? [anyDay(rng, split, 'deadline', 'deadline')] : []),
      ...why(0.3),
    ]
  }
  if (kind === 'news' || kind === 'notice') {
    const raw = (
      kind === 'news' && who.to !== undefined ? phrases.personalNews : phrases.publicNews
    )(rng, split)
    return [
      voicedFact('what', 'news', raw, voice, 'the news', {
        strip: /^(the|your|my|I will|I cannot) /,
      }),
      ...(rng.chance(0.65) ? [anyDay(rng, split, 'future')] : []),
      ...(rng.chance(0.25) ? [timeFact(rng)] : []),
      ...why(0.6),
    ]
  }
  return base.facts
    .filter((fact) => !['to', 'from', 'rsvp', 'contact', 'why'].includes(fact.key))
    .filter((fact) => fact.key === 'what' || rng.chance(0.75))
}

/** A request in the words of everyday life, with its facts. */
export function makeFree(rng: Rng, split: Split): Task {
  const kind = rng.weighted(
    (Object.keys(makes) as FreeKind[]).map((key) => [key, makes[key][1]] as const),
  )
  const base = makes[kind][0](rng, split)
  let who = person(rng, split, rng.chance(0.45))
  const many =
    base.group !== undefined &&
    (kind === 'notice' || (['news', 'reminder', 'invitation'].includes(kind) && rng.chance(0.3)))
  if (many && base.group !== undefined)
    who = { q: base.group.q, voice: voices.they, group: base.group, work: false }
  if (kind === 'fix' && rng.chance(0.7)) {
    const q = rng.pick(['landlord', 'my landlord', 'the landlord', 'our landlord'])
    who = {
      q,
      voice: voices.they,
      group: { q, hi: ['Hello', 'Good morning', 'Dear landlord'] },
      work: false,
    }
  }
  const facts = subject(kind, base, who, rng, split)
  if (who.to !== undefined && kind !== 'notice') facts.push(who.to)
  if (rng.chance(0.16)) facts.push(personFact(rng, split, 'from', 0.05))
  const { group: _, tone: __, ...rest } = base
  const scenario: Scenario = {
    ...rest,
    facts,
    context: { aud: who.q },
    register: who.work
      ? rng.pick(['neutral', 'formal', 'neutral'] as const)
      : rng.pick(['friendly', 'neutral'] as const),
    ...(who.group === undefined || kind === 'notice' ? {} : { group: who.group }),
  }
  const question = word(kind, scenario, who, rng, split)
  return {
    scenario,
    brief: {
      question,
      kind: scenario.kind,
      facts: facts.map(({ key, core: value, label }) => ({ key, core: value, label })),
    },
  }
}

function word(kind: FreeKind, scenario: Scenario, who: Person, rng: Rng, split: Split): string {
  const [lead, end] = rng.pick(part(leads, split, (l) => l[0]))
  const { facts, kit } = scenario
  const { slots, owner } = slotsOf(facts.map(spokenOf), {
    aud: who.q,
    she: who.voice.she,
    her: who.voice.her,
    lead,
    mark: end,
    noun: rng.pick(nouns),
  })
  const usable = (t: string) => required(t).every((name) => slots[name] !== undefined)
  const kept = part(asks[kind], split).filter(usable)
  const share = rng.pick([0.6, 0.95, 0.95])
  const template = spin(rng.pick(kept.length > 0 ? kept : asks[kind].filter(usable)), rng).replace(
    /<[^<>]*>/g,
    (chunk) => (rng.chance(share) ? chunk : ''),
  )
  const used = new Set<string>()
  const first = put(template, slots, used)
  const told = new Set([...used].map((name) => owner.get(name)))
  if (kind === 'notice' || used.has('aud') || used.has('Aud')) told.add('to')
  const sentences: string[] = []
  for (const fact of facts) {
    if (fact.key === 'what' || told.has(fact.key)) continue
    const own = { ...kit, extras: { ...kit.extras, ...extras } }
    const text =
      fact.slots['since'] === undefined
        ? extra({ ...scenario, kit: own }, fact.key, rng, split, slots)
        : `It has been like this${fact.slots['since']}.`
    if (text === undefined) throw new Error(`no way to ask for ${fact.key} in ${kind}`)
    sentences.push(text)
  }
  const start = rng.chance(0.8) ? capital(first) : first
  const head = sentences.length > 0 && !/[.!?]$/.test(start) ? `${start}.` : start
  const text = chat([head, ...sentences].join(' '), rng)
  // All in lower case only where the names are well-known ones.
  const known = facts.every(
    (fact) => !['to', 'from'].includes(fact.key) || firstNames.includes(fact.core),
  )
  return known && rng.chance(0.08) ? text.toLowerCase() : text
}
