import { defaultPack } from '../../api/prompts/pack.ts'
import { fill, type ChatMessage } from '../../api/prompts/fill.ts'
import { advise } from './advice.ts'
import { critique, weaknesses, type Item } from './critique.ts'
import { grade, score, type Brief, type Traits } from './grade.ts'
import { drawFlaws, makePlan, mistake, noFlaws, render, type Flaws, type Plan } from './message.ts'
import {
  drawOutsideFlaws,
  outsideAdvice,
  outsideAnswer,
  outsideCritique,
  outsideParts,
  outsideQuestion,
  outsideScore,
} from './outside.ts'
import { makeFree } from './free/index.ts'
import { ask } from './question.ts'
import type { Rng } from './random.ts'
import { scenarios } from './scenarios/index.ts'
import { sentences } from './grade.ts'
import { spin } from './spin.ts'
import type { Split } from './split.ts'
import { closings, greetings } from './wording.ts'
import { textFact } from './values.ts'
import type { Task } from './task.ts'

export interface PolicyRow {
  readonly t: 'answer' | 'loss' | 'loss_single' | 'gradient' | 'update'
  readonly m: readonly ChatMessage[]
  readonly a: string
}
export interface RewardRow {
  readonly t: 'reward'
  readonly q: string
  readonly c: readonly { readonly a: string; readonly s: number; readonly x: readonly number[] }[]
}
export type Row = PolicyRow | RewardRow

export interface Version {
  readonly text: string
  readonly traits: Traits
  readonly flaws: Flaws
  readonly plan: Plan
}

export function makeTask(rng: Rng, split: Split): Task {
  let scenario = rng.weighted(scenarios)(rng, split)
  const question = ask(scenario, rng, split)
  if (!question.reader && scenario.group !== undefined) {
    const { group: _, ...rest } = scenario
    scenario = rest
  }
  return {
    scenario,
    brief: {
      question: question.text,
      kind: scenario.kind,
      facts: scenario.facts.map(({ key, core, label }) => ({ key, core, label })),
    },
  }
}

/** A request in a form of this folder, or in the words of everyday life. */
export const anyTask = (rng: Rng, split: Split, free = 0.42): Task =>
  rng.chance(free) ? makeFree(rng, split) : makeTask(rng, split)

/** The grader's view, corrected by what the writer of the text knows for certain. */
export function version(task: Task, plan: Plan, flaws: Flaws): Version {
  const text = render(plan, flaws)
  const seen = grade(task.brief, text, task.scenario.kit)
  const wrong = [...new Set([...seen.wrong, ...flaws.wrong.keys()])].filter(
    (key) => seen.missing.includes(key) || seen.wrong.includes(key),
  )
  const { broken: _, ...rest } = seen
  return {
    text,
    plan,
    flaws,
    traits: {
      ...rest,
      purpose: flaws.wrong.has('what') ? !flaws.late : seen.purpose,
      wrong,
      missing: seen.missing.filter((key) => !wrong.includes(key)),
      invented: flaws.invented,
    },
  }
}

/** What is left of the flaws after the advice was followed; facts are always put right. */
export function improved(flaws: Flaws, items: readonly Item[], brief: Brief): Flaws {
  const has = (item: Item) => items.includes(item) || items.includes('broken')
  const known = (key: string) => brief.facts.some((fact) => fact.key === key)
  return {
    drop: new Set(),
    wrong: new Map(),
    invented: false,
    greeting:
      has('greeting') || (known('to') && flaws.drop.has('to')) || known('to')
        ? 'good'
        : flaws.greeting === 'placeholder' && has('placeholder')
          ? 'good'
          : flaws.greeting,
    late: flaws.late && !has('purpose'),
    cta: flaws.cta && !has('cta') && !known('rsvp'),
    rude: flaws.rude && !has('tone'),
    length: has('long') || has('short') ? 'good' : flaws.length,
    blob: flaws.blob && !has('structure'),
    signoff:
      has('signoff') || known('from') || (flaws.signoff === 'placeholder' && has('placeholder'))
        ? 'good'
        : flaws.signoff,
    cold: flaws.cold && !has('warm'),
  }
}

export const auxOf = (t: Traits): number[] =>
  [
    t.missing.length > 0,
    t.missing.length > 1,
    t.missing.length > 2,
    t.wrong.length > 0,
    t.invented,
    t.placeholder,
    t.greeting,
    t.purpose,
    t.cta,
    t.tone,
    t.length === 'short',
    t.length === 'long',
    t.structure,
    t.signoff,
    t.warm,
    t.broken === 'empty',
    t.broken === 'refusal',
    t.broken === 'offtopic',
    t.broken === 'truncated',
    t.broken === 'repeat',
    t.broken === 'rambling',
  ].map(Number)

const tiny = [
  'Ok.',
  'Sure!',
  'Yes.',
  '...',
  'Done.',
  'Hello.',
  'I see.',
  'Here it is:',
  'Thank you.',
  'No.',
  'Hi,',
  'Dear',
  'Message',
  '-',
  'Best regards',
  'Of course!',
  'Here is a short message:',
]

/** An answer that is no usable message, with its traits. */
export function broken(task: Task, rng: Rng, split: Split): { text: string; traits: Traits } {
  const kind = rng.weighted([
    ['offtopic', 3],
    ['truncated', 2],
    ['repeat', 2],
    ['refusal', 1.4],
    ['empty', 1.2],
    ['rambling', 1],
  ] as const)
  const plan = makePlan(task.scenario, rng)
  let text: string
  if (kind === 'offtopic') {
    const other = makeTask(rng, split)
    text = render(
      makePlan(other.scenario, rng),
      rng.chance(0.5) ? noFlaws : drawFlaws(plan, rng, 0.4),
    )
    if (other.brief.facts[0]?.core === task.brief.facts[0]?.core) return broken(task, rng, split)
  } else if (kind === 'refusal') text = outsideAnswer(outsideParts(rng), drawOutsideFlaws(rng))
  else if (kind === 'empty') text = rng.pick(tiny)
  else {
    const whole = render(plan, rng.chance(0.5) ? noFlaws : drawFlaws(plan, rng, 0.6))
    if (kind === 'truncated') {
      const list = whole.split(' ')
      text = list
        .slice(0, rng.int(5, Math.max(6, list.length - 8)))
        .join(' ')
        .replace(/[.!?,\s]+$/, '')
    } else {
      const parts = sentences(whole)
      const long = parts.filter((sentence) => sentence.split(' ').length > 4)
      const again = rng.pick(long.length > 0 ? long : parts)
      text =
        kind === 'repeat'
          ? whole.replace(again, `${again} ${again}${rng.chance(0.4) ? ` ${again}` : ''}`)
          : `${rng.shuffle([...parts, ...sentences(render(plan, { ...noFlaws, length: 'long' })), ...plan.preamble]).join(' ')}`
    }
  }
  const traits = grade(task.brief, text, task.scenario.kit)
  const { broken: _, ...rest } = traits
  return { text, traits: { ...rest, broken: kind } }
}

const pick2 = (rng: Rng, list: readonly Version[]): [Version, Version] => {
  const [a, b] = rng.shuffle(list)
  return score((a as Version).traits) >= score((b as Version).traits)
    ? [a as Version, b as Version]
    : [b as Version, a as Version]
}

/** Advice as a person might type it, with the version it asks for. */
function personal(task: Task, v: Version, rng: Rng): { advice: string; text: string } | undefined {
  const { scenario } = task
  const base = improved(v.flaws, [], task.brief)
  const what = rng.int(0, 3)
  if (
    what === 0 &&
    !scenario.facts.some((fact) => fact.key === 'note') &&
    scenario.kit.details.some(([key]) => key === 'note')
  ) {
    const notes = [
      'parking is free',
      'the door code has changed',
      'children are welcome',
      'there will be cake',
      'it may rain',
      'the bus is late on Sundays',
      'we can talk on the phone first',
      'I will be away until noon',
      'lunch is included',
      'the room is on the second floor',
      'dogs are allowed',
      'there is no need to print anything',
      'it is only a draft',
      'everyone can bring a guest',
      'the key is at reception',
      'the date may still change',
      'there is a small fee',
      'I have asked twice already',
    ]
    const note = rng.pick(notes)
    const plan = {
      ...v.plan,
      scenario: { ...scenario, facts: [...scenario.facts, textFact('note', note, 'the note')] },
    }
    return {
      advice: spin(
        rng.pick([
          '{Add|Mention|Say|Also say|Please add} that [n].',
          'Also mention: [n].',
          '{Add|Include} this: [n].',
        ]),
        rng,
      ).replace('[n]', note),
      text: render(plan, base),
    }
  }
  if (what === 1)
    return {
      advice: rng.pick([
        'Make it shorter.',
        'Shorter, please.',
        'Too long, cut it down.',
        'Shorten it.',
      ]),
      text: render({ ...v.plan, support: [] }, { ...base, length: 'short', late: false }),
    }
  const register = what === 2 ? 'formal' : 'friendly'
  const to = scenario.facts.find((fact) => fact.key === 'to')
  const plan = {
    ...v.plan,
    closing: rng.pick(closings[register]),
    greeting: to === undefined ? v.plan.greeting : rng.pick(greetings[register]),
  }
  return {
    advice:
      register === 'formal'
        ? rng.pick([
            'Make it more formal.',
            'More formal, please.',
            'It should sound more formal.',
            'Use a formal tone.',
          ])
        : rng.pick([
            'Make it friendlier.',
            'Make it warmer.',
            'It should sound more friendly.',
            'Use a friendly tone.',
          ]),
    text: render(plan, { ...base, rude: false, cold: false, greeting: 'good', signoff: 'good' }),
  }
}

/** All training rows of one request. */
export function episode(rng: Rng, split: Split): Row[] {
  if (rng.chance(0.06)) return outside(rng, split)
  const task = anyTask(rng, split)
  const { brief, scenario } = task
  const q = brief.question
  const rows: Row[] = []
  const plans = [makePlan(scenario, rng), makePlan(scenario, rng), makePlan(scenario, rng)]
  const drafts = plans.map((plan) => version(task, plan, drawFlaws(plan, rng, 1, false)))
  for (const draft of drafts.slice(0, 2))
    rows.push({ t: 'answer', m: [{ role: 'user', content: q }], a: draft.text })

  // The answers the critic meets: the best of a few samples, rewrites with little left to do, perfect ones.
  const made = plans.map((plan) =>
    version(task, plan, drawFlaws(plan, rng, rng.pick([0, 0.25, 0.5, 0.75, 1]))),
  )
  const cold = rng.chance(0.4)
  let [chosen, rejected] = pick2(
    rng,
    rng.weighted([
      [() => [...made, ...drafts], 5],
      [() => [version(task, plans[0] as Plan, { ...noFlaws, cold }), ...drafts], 2],
      // Nearly done: one fact is missing or wrong, and perhaps one thing more.
      [() => [subtle(task, plans[0] as Plan, rng), rng.pick(drafts)], 4],
    ] as const)(),
  )
  const harmed = rng.chance(0.04) ? broken(task, rng, split) : undefined
  const lowest = rng.chance(0.06) ? broken(task, rng, split) : undefined
  if (harmed !== undefined) chosen = { ...chosen, text: harmed.text, traits: harmed.traits }
  if (lowest !== undefined) rejected = { ...rejected, text: lowest.text, traits: lowest.traits }
  const single = rng.chance(0.2)
  const c = critique(brief, chosen.traits, single ? undefined : rejected.traits, rng)
  const slots = { query: q, chosen: chosen.text, rejected: rejected.text }
  rows.push(
    single
      ? { t: 'loss_single', m: fill(defaultPack.loss_single, slots), a: c.text }
      : { t: 'loss', m: fill(defaultPack.loss, slots), a: c.text },
  )
  const advice = advise(brief, chosen.traits, c.items, rng)
  rows.push({ t: 'gradient', m: fill(defaultPack.gradient, { ...slots, loss: c.text }), a: advice })

  // The rewrite of that answer, and of another one with advice about other points.
  const rewrite = (v: Version, gradient: string, better: string): PolicyRow => ({
    t: 'update',
    m: fill(defaultPack.update, { query: q, chosen: v.text, gradient }),
    a: `<answer>\n${better}\n</answer>`,
  })
  if (harmed !== undefined)
    rows.push(rewrite(chosen, advice, render(chosen.plan, { ...noFlaws, cold: rng.chance(0.3) })))
  else
    rows.push(
      rewrite(
        chosen,
        advice,
        render(
          warmed(chosen.plan, chosen.flaws, c.items, rng),
          improved(chosen.flaws, c.items, brief),
        ),
      ),
    )
  const other = rng.pick(made)
  const own = rng.chance(0.12) ? personal(task, other, rng) : undefined
  if (own !== undefined) rows.push(rewrite(other, own.advice, own.text))
  else {
    const all = weaknesses(other.traits)
    const some = rng.chance(0.7)
      ? all.slice(0, rng.int(1, 3))
      : rng.shuffle(all).slice(0, rng.int(0, 2))
    const stale: Item[] = rng.chance(0.1) ? ['greeting'] : []
    rows.push(
      rewrite(
        other,
        advise(
          brief,
          other.traits,
          [...some, ...stale.filter((item) => !some.includes(item))],
          rng,
        ),
        render(other.plan, improved(other.flaws, some, brief)),
      ),
    )
  }

  // The reward model's group: several answers to the same request.
  const near = rng.pick(drafts)
  const group: { text: string; traits: Traits }[] = [
    version(task, rng.pick(plans), noFlaws),
    drafts[1] as Version,
    ...made.slice(0, 2),
    version(
      task,
      near.plan,
      improved(near.flaws, rng.shuffle(weaknesses(near.traits)).slice(0, 1), brief),
    ),
    rng.chance(0.35)
      ? broken(task, rng, split)
      : rng.chance(0.8)
        ? version(task, plans[1] as Plan, { ...noFlaws, ...oneFlaw(plans[1] as Plan, rng) })
        : (drafts[2] as Version),
  ]
  rows.push({
    t: 'reward',
    q,
    c: group.map((v) => ({ a: v.text, s: score(v.traits), x: auxOf(v.traits) })),
  })
  return rows
}

/** Where a warmer ending is asked for and one friendly sentence is there, another follows it. */
function warmed(plan: Plan, flaws: Flaws, items: readonly Item[], rng: Rng): Plan {
  if (!items.includes('warm') || flaws.cold || flaws.length === 'short') return plan
  const others = plan.scenario.kit.warm.filter((text) => text !== plan.warm)
  return { ...plan, warm: `${plan.warm} ${spin(rng.pick(others), rng)}` }
}

/** The best of a few samples as the critic often meets it. */
function subtle(task: Task, plan: Plan, rng: Rng): Version {
  const facts = plan.scenario.facts
  const flaws = drawFlaws(plan, rng, rng.pick([0, 0.2]))
  const fact = rng.pick(facts)
  const other = mistake(fact, rng)
  const drops = fact.key !== 'what' && fact.key !== 'change'
  if (other !== undefined && (!drops || rng.chance(0.5)))
    return version(task, plan, { ...flaws, wrong: new Map([[fact.key, other]]) })
  return version(task, plan, drops ? { ...flaws, drop: new Set([fact.key]) } : flaws)
}

/** A message that is perfect but for one thing, mostly a fact. */
function oneFlaw(plan: Plan, rng: Rng): Partial<Flaws> {
  const facts = plan.scenario.facts
  if (facts.length > 0 && rng.chance(0.7)) {
    const fact = rng.pick(facts)
    const other = rng.chance(0.7) ? mistake(fact, rng) : undefined
    if (other !== undefined) return { wrong: new Map([[fact.key, other]]) }
    if (fact.key !== 'what' && fact.key !== 'change') return { drop: new Set([fact.key]) }
  }
  return rng.pick<Partial<Flaws>>([
    { invented: true },
    { rude: true },
    { cta: true },
    { late: true },
    { blob: true },
    { greeting: 'missing' },
    { signoff: 'placeholder' },
    { signoff: 'missing' },
    { length: 'long' },
  ])
}

function outside(rng: Rng, split: Split): Row[] {
  const q = outsideQuestion(rng, split, 0.5)
  const parts = outsideParts(rng)
  const other = outsideParts(rng)
  const flaws = drawOutsideFlaws(rng)
  const more = drawOutsideFlaws(rng)
  const [good, bad] = outsideScore(flaws) >= outsideScore(more) ? [flaws, more] : [more, flaws]
  const chosen = outsideAnswer(parts, good)
  const rejected = outsideAnswer(other, bad)
  const single = rng.chance(0.2)
  const loss = outsideCritique(good, single ? undefined : bad, rng)
  const advice = outsideAdvice(good, rng)
  const slots = { query: q, chosen, rejected, loss, gradient: advice }
  const none = { noKinds: false, noExample: false, chatty: false }
  const x = Array.from({ length: 21 }, () => 0)
  const message = makeTask(rng, split)
  const stray = render(makePlan(message.scenario, rng), noFlaws)
  return [
    {
      t: 'answer',
      m: [{ role: 'user', content: q }],
      a: outsideAnswer(outsideParts(rng), drawOutsideFlaws(rng)),
    },
    single
      ? { t: 'loss_single', m: fill(defaultPack.loss_single, slots), a: loss }
      : { t: 'loss', m: fill(defaultPack.loss, slots), a: loss },
    { t: 'gradient', m: fill(defaultPack.gradient, slots), a: advice },
    {
      t: 'update',
      m: fill(defaultPack.update, slots),
      a: `<answer>\n${outsideAnswer(parts, none)}\n</answer>`,
    },
    {
      t: 'reward',
      q,
      c: [
        { a: outsideAnswer(parts, none), s: 0, x },
        { a: chosen, s: outsideScore(good), x },
        { a: rejected, s: outsideScore(bad) - 0.01, x },
        { a: stray, s: -5, x: x.map((_, i) => Number(i === 17)) },
        { a: rng.pick(tiny), s: -5.5, x: x.map((_, i) => Number(i === 15)) },
        { a: outsideAnswer(other, { noKinds: true, noExample: true, chatty: true }), s: -3.1, x },
      ],
    },
  ]
}
