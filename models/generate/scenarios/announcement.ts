import { either, notice, clause, task as makeTask } from '../compose.ts'
import { part } from '../split.ts'
import { addressed, tones, type Kit, type Make } from '../scenario.ts'
import {
  contactFact,
  dayFact,
  personFact,
  placeFact,
  textFact,
  timeFact,
  type Fact,
} from '../values.ts'
import { commonExtras, commonTail } from './common.ts'
import { eventFact, worlds } from './events.ts'

const list = (text: string) => text.trim().split(/\s*[;\n]\s*/)

interface News {
  readonly what: readonly string[]
  readonly why: readonly string[]
  readonly todo: readonly string[]
  readonly groups: readonly { q: string; hi: readonly string[] }[]
}

const tenants = [
  { q: 'all residents', hi: ['Dear residents', 'Hello everyone', 'Dear neighbours'] },
  { q: 'the tenants', hi: ['Dear tenants', 'Hello everyone'] },
  { q: 'the neighbours', hi: ['Dear neighbours', 'Hello neighbours'] },
  { q: 'everyone in the building', hi: ['Hello everyone', 'Dear all'] },
  { q: 'the whole house', hi: ['Dear neighbours', 'Hello everyone'] },
]
const customers = [
  { q: 'our customers', hi: ['Dear customers', 'Dear all'] },
  { q: 'customers', hi: ['Dear customers', 'Hello everyone'] },
  { q: 'visitors', hi: ['Dear visitors', 'Hello everyone'] },
  { q: 'all guests', hi: ['Dear guests', 'Hello everyone'] },
  { q: 'our members', hi: ['Dear members', 'Hello everyone'] },
  { q: 'all readers', hi: ['Dear readers', 'Hello everyone'] },
]

/** News is a clause ("the lift will be out of service"); what to do about it follows "please". */
const news: readonly News[] = [
  {
    what: list(
      `the lift will be out of service; the water will be turned off; the car park will be closed; the heating will be serviced; the stairwell will be painted; the power will be cut; the windows will be cleaned; the front door lock will be changed; the laundry room will be closed; the fire alarm will be tested; the garage will be swept; the internet will be down; the roof will be repaired; the bins will be emptied later than usual; the chimney will be swept; new smoke detectors will be installed; the courtyard will be repaved; the pool will be drained; the bicycle cellar will be cleared out`,
    ),
    why: list(
      `a pipe has to be replaced; the yearly inspection is due; the old wiring is being renewed; new cables are being laid; the storm caused some damage; the floor is being sealed; a valve is leaking; the law requires it; the motor has to be exchanged; the paint needs time to dry; the insurance company asked for it; rust was found`,
    ),
    todo: list(
      `use the stairs; store some water; move your cars in time; keep the windows closed; use the back entrance; take your bicycles out; collect your new key at the office; keep the hallway clear; label your boxes; leave your doors unlocked; unplug sensitive devices; plan your laundry accordingly; keep your pets inside; remove plants from the windowsills`,
    ),
    groups: tenants,
  },
  {
    what: list(
      `the office will be closed; the canteen will be closed; the new intranet goes live; the server will be restarted; parking permits will be renewed; a fire drill will take place; the reception moves to the ground floor; the email system will be updated; a new coffee machine will be installed; the main printer will be replaced; our new colleague starts work; the warehouse will be inspected; new badges will be handed out; the phones will be switched over; the help desk will be closed; the air conditioning will be repaired; flu shots will be offered`,
    ),
    why: list(
      `the whole team is at a training; the old system is no longer supported; safety rules have changed; we are growing fast; the floor is being renovated; the contract was renewed; the software needs an update; stock is being counted; the network is being upgraded; many of you asked for it; the old one broke down; the building is being rewired; the health office recommends it`,
    ),
    todo: list(
      `work from home; save your files in time; log out before you leave; bring your own lunch; use the side entrance; wear your badge; keep your desks clear; update your passwords; print in the copy room; forward urgent calls; sign up on the list; close all programs; pick up your badge at reception; give them a warm welcome; leave the building calmly`,
    ),
    groups: worlds.work.groups.slice(5, 13),
  },
  {
    what: list(
      `the library will be closed; the shop opens earlier; we are closing for the holidays; the swimming pool reopens; our summer menu starts; the clinic moves to a new address; the museum stays open late; the bakery changes its opening hours; the gym gets new machines; the bus line will be rerouted; online booking starts; the farmers' market returns; the café will be renovated; our prices will change; the new branch opens; the summer sale begins; the cinema will be closed; guided tours start again; the ticket office moves`,
    ),
    why: list(
      `the roof is being renovated; demand has grown; we are taking stock; the street is being repaired; many of you asked for it; our team needs a break; new shelves are being built; the season is beginning; the old rooms became too small; energy costs have gone up; a new kitchen is being put in; the reading room is being painted; we want to serve you better`,
    ),
    todo: list(
      `return books through the letter box; use the entrance on the left; order in good time; check the website before you come; book a place online; use the branch next door; bring your membership card; follow the signs; plan a little more time; use the other stop; pick up reserved items early; tell your friends`,
    ),
    groups: customers,
  },
]

const kit: Kit = {
  title: 'announcement',
  asks: [
    '[L] {an announcement|a short announcement|a notice|a short notice} {for|to} [aud]: [news]< [day]>< [time]>[E]',
    '[L] {an announcement|a short announcement|a notice} that [news]< [day]>< [time]>[E]',
    '[L] a {|short|clear} {email|message|note|post|notice} {telling|to tell|that tells|informing} [aud] that [news]< [day]>< [time]>[E]',
    '{Tell|Please tell|Inform} [aud] that [news]< [day]>< [time]>.',
    'Let [aud] know that [news]< [day]>< [time]>.',
    'Announce to [aud] that [news]< [day]>< [time]>.',
    '[News]< [day]>< [time]>. {Write a notice for|Please inform|Write an announcement for|Tell} [aud].',
    'I {need|have|want} to tell [aud] that [news]< [day]>< [time]>. {Can you write it?|Please write the notice.|What should I write?}',
    '{How should I|How would you|How do we} tell [aud] that [news]< [day]>< [time]>?',
    '{notice|Notice|announcement} {for|to} [aud]: [news]<, [dayN]><, [timeN]>',
    '[Aud] should know that [news]< [day]>< [time]>. [L] a short notice[E]',
    '[L] something for the notice board: [news]< [day]>< [time]>[E]',
  ],
  extras: {
    ...commonExtras,
    day: ['It {happens|is} [day].', 'The date is [dayN].', 'When: [dayN].', 'Day: [dayN].'],
    time: [
      'The time is [timeN].',
      'Time: [timeN].',
      'It is [time].',
      '{Mention|Include} the time, [timeN].',
    ],
    why: [
      'The reason is that [why].',
      '{Explain|Mention|Say} that [why].',
      'Reason: [why].',
      'This is because [why].',
      '[Why].',
    ],
    todo: [
      '{Ask them to|They should|Tell them to} [todoQ].',
      'Everyone should [todoQ].',
      'What to do: [todoQ].',
      'Please ask them to [todoQ].',
    ],
  },
  purposes: [
    [
      '{We would like|I would like|This is} to {inform you|let you know} that [news] [day]< [time]>.',
      '{We would like|I would like|This is} to {inform you|let you know} that [news]< [time]>.',
    ],
    ['Please note that [news] [day]< [time]>.', 'Please note that [news]< [time]>.'],
    [
      'We {want|wish} to {tell you|let you know} that [news] [day]< [time]>.',
      'We {want|wish} to {tell you|let you know} that [news]< [time]>.',
    ],
    ['A short announcement: [news] [day]< [time]>.', 'A short announcement: [news]< [time]>.'],
    [
      '{Here is some news|Some news for you}: [news] [day]< [time]>.',
      '{Here is some news|Some news for you}: [news]< [time]>.',
    ],
    ['Please be aware that [news] [day]< [time]>.', 'Please be aware that [news]< [time]>.'],
    [
      'I am writing to tell you that [news] [day]< [time]>.',
      'I am writing to tell you that [news]< [time]>.',
    ],
    [
      'Please keep in mind that [news] [day]< [time]>.',
      'Please keep in mind that [news]< [time]>.',
    ],
  ],
  details: [
    [
      'day',
      [
        ['The date is [dayN]< [time]>.'],
        ['This {applies|is planned} for [dayN]< [time]>.'],
        ['It will be [day]< [time]>.'],
      ],
    ],
    [
      'time',
      [['The time is [timeN].'], ['It will be [time].'], ['Please note the time: [timeN].']],
    ],
    [
      'why',
      [
        ['The reason is that [why].', 'The reason is [whyOf].'],
        ['This is {necessary |}because [why].', 'This is because of [whyOf].'],
        ['{As background|To explain|The background}: [why].', 'It is because of [whyOf].'],
        ['Why? [Why].'],
      ],
    ],
    [
      'todo',
      [
        ['Please [todo].'],
        ['{We kindly ask|We ask} you to [todo].'],
        ['{In the meantime|During this time}, please [todo].'],
        ['So please [todo].'],
      ],
    ],
    ...commonTail,
  ],
  support: [
    'We will keep everything as smooth as possible.',
    'We know that changes like this take some planning.',
    'We will let you know if anything changes.',
    'Please pass this on to anyone who may not see this message.',
    'We have tried to keep the effect on you as small as possible.',
    'Please plan your day with this in mind.',
    'We will do our best to make it easy for you.',
  ],
  ctas: [
    ['If you have any questions, please {let us know|get in touch|contact us}.'],
    ['Please {let us know|tell us} if this is a problem for you.'],
    ['Please {get in touch|write to us} if anything is unclear.'],
    ['{Questions are welcome|Should you have questions}, just reply to this message.'],
    ['Please reply if you need {help|more information}.'],
  ],
  warm: [
    'Thank you for your understanding.',
    'Thank you for your patience.',
    'We appreciate your cooperation.',
    'Many thanks for your support.',
    'Thank you for your help.',
    'Thanks for bearing with us.',
    'We thank you for your understanding and wish you a pleasant week.',
    'Thank you very much.',
    'We are grateful for your patience.',
  ],
  rude: [
    'Complaints will be ignored.',
    'Do not bother calling us.',
    'Deal with it.',
    'If you do not like it, that is your problem.',
    'We do not want to hear any complaints.',
    'You should have known this already.',
    'It is not our fault, so do not ask.',
    'As usual, some people will not read this.',
    'There is no point in arguing.',
    'We really do not care whether it suits you.',
  ],
  invented: [
    'The company Hopkins & Sons will do the work.',
    'It costs 4,500 euros.',
    'Use Gate 17 instead.',
    'The mayor will visit us in August.',
    'It affects 350 people.',
    'The code for the door is 4471.',
    'Mr Baxter is in charge.',
    'It will be over at 11:55 pm.',
  ],
}

export const announcement: Make = (rng, split) => {
  const item = rng.pick(news)
  const register = rng.pick(['neutral', 'neutral', 'formal', 'friendly'] as const)
  const what = either(item.what, notice, rng, split)
  const core = what
  const facts: Fact[] = [{ key: 'what', core, label: `the news (${what})`, slots: { news: what } }]
  const rich = rng.weighted([
    [0.3, 1],
    [0.6, 2],
    [0.9, 1.2],
  ])
  if (rng.chance(0.9)) facts.push(dayFact(rng, split))
  if (rng.chance(rich * 0.7)) facts.push(timeFact(rng, 'time', 7, 18))
  if (rng.chance(rich * 0.9))
    facts.push(textFact('why', either(item.why, clause, rng, split), 'the reason', item.why))
  if (rng.chance(rich * 0.8)) {
    const todo = either(item.todo, makeTask, rng, split, 0.6)
    facts.push({
      key: 'todo',
      core: todo,
      label: `what to do (${todo})`,
      slots: { todo, todoQ: todo.replaceAll('your', 'their').replace('before you', 'before they') },
    })
  }
  if (rng.chance(rich * 0.4)) facts.push(contactFact(rng, split))
  if (rng.chance(0.25)) facts.push(personFact(rng, split, 'from', 0.1))
  const group = rng.pick(part(item.groups, split, (g) => g.q))
  return {
    kind: 'announcement',
    kit,
    facts,
    register,
    context: { aud: group.q },
    group,
    ...(rng.chance(0.2) ? { tone: rng.pick(part(tones[register], split)) } : {}),
  }
}

const changeKit: Kit = {
  title: 'announcement',
  asks: [
    '[L] a {|short|quick|clear} {email|message|note} {telling|to tell|that tells|informing} [aud] that [what] {is|has been} [change]<, and the reason is that [why]>[E]',
    '{Tell|Please tell|Inform} [aud] that [what] {is|has been} [change].',
    'Let [aud] know that [what] {is|has been} [change].',
    '[What] {is|has been} [change]. {Write to|Please inform|Write a message to|Tell} [aud].',
    '[L] {a notice|an announcement|a short announcement}: [what] {is|has been} [change][E]',
    'I {have|need} to tell [aud] that [what] {is|has been} [change]. {Please write it.|What should I write?|Can you draft it?}',
    '{How should I|How do I} tell [aud] that [what] {is|has been} [change]?',
    '{notice|Notice} to [aud]: [whatN] [change]',
    'Bad timing: [what] {is|has been} [change]. [L] a message to [aud][E]',
  ],
  extras: {
    ...commonExtras,
    why: [
      'The reason is that [why].',
      '{Explain|Mention|Say} that [why].',
      'Reason: [why].',
      'This is because [why].',
      '[Why].',
    ],
    time: ['The new time is [timeN].', 'It starts [timeAt].', 'Time: [timeN].'],
    place: ['It will be [place].', 'Place: [placeN].', 'The place is [placeN].'],
  },
  purposes: [
    ['{We would like|I would like|This is} to let you know that [what] {has been|is} [change].'],
    ['Please note that [what] {has been|is} [change].'],
    ['{I am sorry to tell you|I have to tell you} that [what] {has been|is} [change].'],
    ['A short update: [what] {has been|is} [change].'],
    ['There is a change: [what] {has been|is} [change].'],
    ['I am writing to tell you that [what] {has been|is} [change].'],
    ['{Important news|A change of plan}: [what] {has been|is} [change].'],
  ],
  details: [
    [
      'time',
      [
        ['The {new |}time is [timeN]< [place]>.'],
        ['We {start|will start} [timeAt]< [place]>.', 'It {runs|will run} [timeFrom]< [place]>.'],
      ],
    ],
    [
      'place',
      [['We {meet|will meet} [place].'], ['It will be [place].'], ['The place is [placeN].']],
    ],
    [
      'why',
      [
        ['The reason is that [why].'],
        ['{Unfortunately|As it happens}, [why].'],
        ['This is because [why].'],
        ['We had to do this because [why].'],
      ],
    ],
    [
      'rsvp',
      [
        ['Please {reply|tell us} [rsvpBy] whether this suits you.'],
        ['We would like to hear from you [rsvpBy].'],
      ],
    ],
    ...commonTail,
  ],
  support: [
    'We know that this may upset your plans.',
    'We did not take this decision lightly.',
    'We will let you know if anything else changes.',
    'Please pass this on to anyone who may not have seen it.',
    'We have tried to find the best solution for everyone.',
    'Please change it in your calendar.',
    'I hope this does not cause you too much trouble.',
  ],
  ctas: [
    ['If you have any questions, please {let us know|get in touch|contact me}.'],
    ['Please {let me know|tell me} if this is a problem for you.'],
    ['Please reply so that I know you have seen this.'],
    ['Please {confirm|send a short reply} that you got this message.'],
    ['If it does not suit you, please {let me know|tell me}.'],
  ],
  warm: [
    'Thank you for your understanding.',
    'Thank you for your patience.',
    'Sorry for any inconvenience.',
    'I hope to see you all soon.',
    'Thanks for being so flexible.',
    'Thank you, and see you soon.',
    'We appreciate your understanding.',
    'Many thanks, and sorry for the trouble.',
  ],
  rude: [
    'Complaints will be ignored.',
    'Deal with it.',
    'I do not want to hear any complaints.',
    'It is not my fault, so do not ask.',
    'Half of you would not have come anyway.',
    'There is no point in arguing.',
    'Try to get it into your heads this time.',
    'I really do not care whether it suits you.',
  ],
  invented: [
    'Mr Hopkins from Legal insisted on it.',
    'The cost is 4,500 euros.',
    'Please go to Gate 17 instead.',
    'The next one will be in August.',
    'It affects 350 people.',
    'Your ticket number is 4471.',
    'Professor Baxter is in charge.',
    'Everything ends at 11:55 pm.',
  ],
}

const changeReasons = list(
  `the speaker is ill; the room was double-booked; too few people signed up; the heating has failed; a storm is forecast; the trainer missed her flight; the hall is being repaired; there is a public holiday; most of you asked for it; the projector is broken; the host has flu; there is a train strike; several people are away; the keys were lost; the venue was flooded; the new equipment has not arrived; another group needs the room`,
)

/** An event that is moved or cancelled. */
export const change: Make = (rng, split) => {
  const world = rng.weighted([
    [worlds.work, 3],
    [worlds.community, 2.5],
    [worlds.school, 2],
    [worlds.social, 1],
  ])
  const register = rng.pick(world.register)
  const event = eventFact(rng, split, world)
  const facts: Fact[] = [event]
  const rich = rng.weighted([
    [0.3, 1],
    [0.6, 2],
    [0.9, 1.2],
  ])
  const old = dayFact(rng, split, 'old', 'future', 'old date')
  const move = rng.chance(0.65)
  const from = old.slots['oldN'] as string
  let fresh: Fact
  if (move) {
    const make = (r: typeof rng): Fact => {
      const day = dayFact(r, split, 'change', 'future', 'new date')
      const name = day.slots['changeN'] as string
      const text = r.chance(0.6) ? `moved from ${from} to ${name}` : `moved to ${name}`
      return {
        key: 'change',
        core: `to ${name}`,
        label: `the new date (${name})`,
        slots: { change: text },
      }
    }
    for (;;) {
      fresh = make(rng)
      if (!fresh.core.includes(from)) break
    }
    const text = fresh.slots['change'] as string
    const core = text.includes('from') ? text : fresh.core
    fresh = {
      ...fresh,
      core,
      again: (r) => {
        for (;;) {
          const next = make(r)
          if (!next.core.includes(from) && next.core !== fresh.core)
            return {
              ...next,
              slots: { change: text.slice(0, text.lastIndexOf(' to ') + 1) + next.core },
            }
        }
      },
    }
  } else {
    const text = rng.pick([
      'cancelled',
      'called off',
      'postponed until further notice',
      'cancelled this time',
    ])
    fresh = {
      key: 'change',
      core: text,
      label: `the news itself (${text})`,
      slots: { change: text },
    }
    if (rng.chance(0.75)) {
      const gone = dayFact(rng, split, 'day', 'future', 'day')
      const whose = gone.slots['dayP']
      if (whose !== undefined) {
        const noun = event.core
        facts[0] = {
          ...event,
          core: noun,
          slots: {
            ...event.slots,
            what: `${whose} ${noun}`,
            whatQ: `${whose} ${noun}`,
            whatN: `${whose} ${noun}`,
          },
          label: `the event (${whose} ${noun})`,
        }
      }
    }
  }
  facts.push(fresh)
  if (move && rng.chance(rich * 0.7))
    facts.push(timeFact(rng, 'time', world.hours[0], world.hours[1]))
  if (move && rng.chance(rich * 0.5)) facts.push(placeFact(rng, split, world.sort))
  if (rng.chance(rich))
    facts.push(
      textFact('why', either(changeReasons, clause, rng, split), 'the reason', changeReasons),
    )
  if (rng.chance(rich * 0.3)) facts.push(dayFact(rng, split, 'rsvp', 'deadline', 'reply date'))
  if (rng.chance(rich * 0.25)) facts.push(contactFact(rng, split))
  const person = rng.chance(0.2)
  if (person) facts.push(personFact(rng, split, 'to', world.titled))
  if (rng.chance(0.3)) facts.push(personFact(rng, split, 'from', 0.1))
  const group = rng.pick(part(world.groups, split, (g) => g.q))
  return {
    kind: 'change',
    kit: changeKit,
    facts,
    register,
    ...addressed(person, group),
    ...(rng.chance(0.2) ? { tone: rng.pick(part(tones[register], split)) } : {}),
  }
}
