import { garble } from './garble.ts'
import type { Rng } from './random.ts'
import { Rng as Seeded } from './random.ts'
import { slotsOf, type Family, type Scenario } from './scenario.ts'
import { capital, put, required, spin } from './spin.ts'
import type { Fact } from './values.ts'
import {
  closings,
  fillers,
  greetings,
  openGreetings,
  openGroup,
  placeholders,
  preambles,
  slang,
} from './wording.ts'

/** All wording choices of one message, made once: versions of it differ only in their flaws. */
export interface Plan {
  readonly scenario: Scenario
  readonly greeting: string
  readonly openGreeting: string
  readonly purpose: Family
  readonly details: ReadonlyMap<string, Family>
  readonly block: boolean
  readonly support: readonly string[]
  readonly cta: Family
  readonly warm: string
  readonly closing: string
  readonly preamble: readonly string[]
  readonly fillers: readonly string[]
  readonly rude: readonly string[]
  readonly invented: string
  readonly blanks: { readonly name: string; readonly reader: string }
  readonly breaks: 'two' | 'three'
  readonly seed: number
}

export interface Flaws {
  readonly drop: ReadonlySet<string>
  readonly wrong: ReadonlyMap<string, Fact>
  readonly greeting: 'good' | 'missing' | 'placeholder'
  readonly late: boolean
  readonly cta: boolean
  readonly rude: boolean
  readonly length: 'good' | 'short' | 'long'
  readonly blob: boolean
  readonly signoff: 'good' | 'missing' | 'placeholder'
  readonly invented: boolean
  readonly cold: boolean
}

export const noFlaws: Flaws = {
  drop: new Set(),
  wrong: new Map(),
  greeting: 'good',
  late: false,
  cta: false,
  rude: false,
  length: 'good',
  blob: false,
  signoff: 'good',
  invented: false,
  cold: false,
}

const resolve = (family: Family, seed: number): Family =>
  family.map((variant) => spin(variant, new Seeded(seed)))
const one = (pool: readonly string[], rng: Rng) => spin(rng.pick(pool), rng)

export function makePlan(scenario: Scenario, rng: Rng): Plan {
  const { kit, register, facts } = scenario
  const to = facts.find((fact) => fact.key === 'to')
  const plural = ['reminder', 'deadline', 'invitation', 'announcement', 'change'].includes(
    scenario.kind,
  )
  const open = rng.pick(
    plural
      ? scenario.group === undefined && to === undefined
        ? openGroup
        : [...openGreetings[register]]
      : openGreetings[register],
  )
  const greeting =
    to !== undefined
      ? rng.pick(
          greetings[
            /^(Mr|Ms|Mrs|Dr|Professor)\.? /.test(to.core) && rng.chance(0.7) ? 'formal' : register
          ],
        )
      : scenario.group !== undefined
        ? rng.pick(scenario.group.hi)
        : open
  const support = rng.shuffle(kit.support)
  const plan: Plan = {
    scenario,
    greeting,
    openGreeting: open,
    purpose: resolve(rng.pick(kit.purposes), rng.fork()),
    details: new Map(
      kit.details.map(([key, families]) => [key, resolve(rng.pick(families), rng.fork())]),
    ),
    block:
      rng.chance(0.16) &&
      facts.filter((fact) => ['day', 'time', 'place'].includes(fact.key)).length >= 2 &&
      ['reminder', 'invitation'].includes(scenario.kind),
    support: support.slice(
      0,
      rng.weighted([
        [0, 3],
        [1, 4],
        [2, 0.6],
      ]),
    ),
    cta: resolve(rng.pick(kit.ctas), rng.fork()),
    warm: one(kit.warm, rng),
    closing: rng.pick(closings[register]),
    preamble: rng.shuffle(preambles).slice(0, rng.int(1, 2)),
    fillers: rng.shuffle(fillers).slice(0, rng.int(2, 4)),
    rude:
      register === 'formal' && rng.chance(0.4)
        ? rng.shuffle(slang).slice(0, rng.int(1, 2))
        : rng.shuffle(kit.rude).slice(0, rng.int(1, 2)),
    invented: rng.pick(kit.invented),
    blanks: { name: rng.pick(placeholders.name), reader: rng.pick(placeholders.reader) },
    breaks: rng.chance(0.5) ? 'two' : 'three',
    seed: rng.fork(),
  }
  const enough = [...plan.support]
  while (count(render({ ...plan, support: enough }, noFlaws)) < 34 && enough.length < 3) {
    const next = support.find((sentence) => !enough.includes(sentence))
    if (next === undefined) break
    enough.push(next)
  }
  return { ...plan, support: enough }
}

export const count = (text: string) => text.split(/\s+/).filter((word) => /\w/.test(word)).length

/** The version of a message that has these flaws. */
export function render(plan: Plan, flaws: Flaws): string {
  const { scenario } = plan
  const rng = new Seeded(plan.seed)
  const known = scenario.facts
    .filter((fact) => !flaws.drop.has(fact.key))
    .map((fact) => flaws.wrong.get(fact.key) ?? fact)
  const has = new Map(known.map((fact) => [fact.key, fact]))
  const { slots: all, owner } = slotsOf(known, scenario.context)
  const said = new Set<string>(['to', 'from'])
  const left = (): Record<string, string> =>
    Object.fromEntries(
      Object.entries(all).filter(
        ([name]) =>
          owner.get(name) === undefined ||
          owner.get(name) === 'what' ||
          !said.has(owner.get(name) as string),
      ),
    )
  const say = (family: Family): string | undefined => {
    const slots = left()
    const variant = family.find((t) => required(t).every((name) => slots[name] !== undefined))
    if (variant === undefined) return undefined
    const used = new Set<string>()
    const text = capital(put(variant, slots, used))
    for (const name of used) said.add(owner.get(name) ?? '')
    return text
  }

  const first: string[] = []
  const block: string[] = []
  let purpose: string
  if (plan.block) {
    const slots = left()
    const bare = Object.fromEntries(
      Object.entries(slots).filter(
        ([name]) => !['day', 'time', 'place'].includes(owner.get(name) ?? ''),
      ),
    )
    const variant = plan.purpose.find((t) => required(t).every((name) => bare[name] !== undefined))
    if (variant === undefined) purpose = say(plan.purpose) as string
    else {
      const used = new Set<string>()
      purpose = capital(put(variant, bare, used))
      for (const name of used) said.add(owner.get(name) ?? '')
      const rows: [string, string][] = [
        ['day', rng.pick(['Date', 'Day', 'When'])],
        ['time', 'Time'],
        ['place', rng.pick(['Place', 'Where'])],
      ]
      for (const [key, label] of rows)
        if (has.has(key)) {
          block.push(`${label}: ${all[`${key}N`]}`)
          said.add(key)
        }
    }
  } else purpose = say(plan.purpose) as string
  first.push(purpose)
  const details: string[] = []
  const detailed = plan.scenario.kit.details.map(([key]) => key)
  const wantsAsk = !flaws.cta
  let cta: string | undefined
  if (wantsAsk) cta = say(plan.cta)
  for (const key of detailed) {
    if (!has.has(key) || said.has(key)) continue
    const text = say(plan.details.get(key) as Family)
    if (text !== undefined && said.has(key)) details.push(text)
    else {
      const other = plan.scenario.kit.details.find(([k]) => k === key)?.[1] ?? []
      for (const family of other) {
        const again = say(resolve(family, plan.seed))
        if (again !== undefined) {
          details.push(again)
          break
        }
      }
    }
  }

  let body = [...first, ...details]
  const tail: string[] = []
  if (flaws.length !== 'short') tail.push(...plan.support)
  if (flaws.length === 'long') {
    const at = rng.int(1, body.length)
    body = [...body.slice(0, at), ...plan.fillers.slice(0, 1), ...body.slice(at)]
    tail.push(...plan.fillers.slice(1))
  }
  if (flaws.invented) body.push(plan.invented)
  if (flaws.late) body = [...plan.preamble, ...body]
  if (flaws.rude) {
    if (rng.chance(0.5)) body.push(...plan.rude)
    else tail.push(...plan.rude)
  }
  const end: string[] = []
  if (cta !== undefined) end.push(cta)
  if (!flaws.cold && flaws.length !== 'short') end.push(plan.warm)

  const to = has.get('to')
  let hello = ''
  if (flaws.greeting === 'placeholder') hello = `Dear ${plan.blanks.reader},`
  else if (flaws.greeting === 'good') {
    hello =
      to !== undefined
        ? `${plan.greeting.replace('[name]', to.slots['toHi'] as string)},`
        : plan.greeting.includes('[name]')
          ? `${plan.openGreeting},`
          : `${plan.greeting},`
  }
  const from = has.get('from')
  let bye = ''
  if (flaws.signoff === 'placeholder') bye = `${plan.closing},\n${plan.blanks.name}`
  else if (flaws.signoff === 'good')
    bye = from !== undefined ? `${plan.closing},\n${from.core}` : plan.closing

  const paragraphs: string[] = []
  if (block.length > 0) {
    const head = flaws.late ? [...plan.preamble, purpose] : [purpose]
    const rest = body.filter((sentence) => !head.includes(sentence))
    paragraphs.push(head.join(' '), block.join('\n'))
    if (rest.length > 0) paragraphs.push(rest.join(' '))
  } else paragraphs.push(body.join(' '))
  if (plan.breaks === 'two' || tail.length === 0 || paragraphs.at(-1) === block.join('\n')) {
    const last = [...tail, ...end].join(' ')
    if (last !== '') paragraphs.push(last)
  } else {
    const lastOfBody = paragraphs.length - 1
    paragraphs[lastOfBody] = `${paragraphs[lastOfBody]} ${tail.join(' ')}`
    if (end.length > 0) paragraphs.push(end.join(' '))
  }
  const parts = [hello, ...paragraphs, bye].filter((part) => part !== '')
  return flaws.blob ? parts.join(' ').replaceAll('\n', ' ') : parts.join('\n\n')
}

/** The fact as a careless writer has it: another value, or one detail miscopied. */
export function mistake(fact: Fact, rng: Rng): Fact | undefined {
  return fact.again !== undefined && rng.chance(0.4)
    ? fact.again(rng)
    : (garble(fact, rng) ?? fact.again?.(rng))
}

/** What is wrong with a first draft: each quality is good or bad by itself. */
export function drawFlaws(plan: Plan, rng: Rng, level: number, slips = true): Flaws {
  const { facts } = plan.scenario
  const bad = (p: number) => rng.chance(Math.min(0.95, p * level))
  const drop = new Set<string>()
  const wrong = new Map<string, Fact>()
  for (const fact of facts) {
    if (fact.key !== 'what' && fact.key !== 'change' && bad(0.26)) drop.add(fact.key)
    else if (slips && bad(fact.key === 'what' ? 0.04 : 0.05)) {
      const other = mistake(fact, rng)
      if (other !== undefined) wrong.set(fact.key, other)
    } else if (fact.again !== undefined && bad(0.02)) wrong.set(fact.key, fact.again(rng))
  }
  return {
    drop,
    wrong,
    greeting: bad(0.38) ? 'missing' : bad(0.06) ? 'placeholder' : 'good',
    late: bad(0.4),
    cta: bad(0.48),
    rude: bad(0.24),
    length: bad(0.28) ? 'long' : bad(0.2) ? 'short' : 'good',
    blob: bad(0.4),
    signoff: bad(0.36) ? 'missing' : bad(0.12) ? 'placeholder' : 'good',
    invented: bad(0.1),
    cold: bad(0.5),
  }
}
