import { either, task as makeTask, clause } from '../compose.ts'
import { part } from '../split.ts'
import { addressed, tones, type Kit, type Make } from '../scenario.ts'
import { contactFact, dayFact, personFact, textFact, type Fact } from '../values.ts'
import { commonExtras, commonTail } from './common.ts'
import { worlds } from './events.ts'

const list = (text: string) => text.trim().split(/\s*[;\n]\s*/)

/** Things that are due. "%y" is "your" to the reader and "their" in the question. */
const tasks =
  list(`submit %y timesheet; submit %y travel expenses; return the library books; pay the membership fee; sign the consent form; renew %y parking permit; hand in %y term paper; complete the safety quiz; update %y emergency contacts; send in %y holiday requests; return the borrowed laptop; fill in the staff survey; register for the exam; pay the rent; book %y flu shot; send %y meter reading; back up %y files; change %y password; return the spare keys; order %y lunch for the week
sign the new contract; upload %y presentation; choose %y elective courses; send %y dinner choice; clear %y desk; empty %y locker; confirm %y address; submit %y project report; pay the deposit; send %y photos for the yearbook; renew %y library card; approve the budget plan; review the draft; complete the online course; collect %y parcel; pick up %y uniform; hand over the key cards; label %y food in the fridge; water the office plants; move %y bicycle; vote in the board election; return the signed lease; cancel the old subscription; enter %y grades; test the new software; prepare %y tax papers; schedule %y annual check-up; send back the questionnaire`)
const ways = list(
  `through the staff portal; by email; at the front desk; in the online form; on the intranet; at the library counter; by bank transfer; in the shared folder; through the school app; in the grey box by the door; at the reception; by post; via the website; in the accounts office; over the phone; at the service desk; with the QR code on the poster; in the team calendar; on the sign-up sheet; through the ticket system`,
)
const reasons = list(
  `payroll closes that evening; the auditor needs the full list; late entries cannot be accepted; the printer needs the data; the offer ends that day; places are running out; we have to place the order; the system will be locked; other readers are waiting; the insurance requires it; the office is closed afterwards; we need the numbers for the budget; a late fee applies; the permits expire; the new term starts soon; the supplier needs two weeks; the board meets the next day; we cannot pay it out otherwise; the team plans with it; it is a legal requirement`,
)

const kit: Kit = {
  title: 'reminder',
  asks: [
    '[L] a {|short|quick|friendly|polite} {email|message|note|reminder} {that reminds|to remind|reminding} [aud] to [taskQ]< [dayBy]>< [how]>[E]',
    '[L] a {|short|quick|polite|gentle} reminder {for|to} [aud] to [taskQ]< [dayBy]>< [how]>[E]',
    '{Remind|Please remind} [aud] to [taskQ]< [dayBy]>< [how]>.',
    'I am still waiting for [aud] to [taskQ]. <It is due [dayBy].> {Write a reminder.|Please write to them.|Send a short reminder.|Can you write the reminder?}',
    'I {want|have|need} to remind [aud] to [taskQ]< [dayBy]>< [how]>. {Please write it.|Can you help?|What should I write?}',
    '{How should I|How would you|What is a polite way to} remind [aud] to [taskQ]< [dayBy]>?',
    'Ask [aud] to [taskQ]< [dayBy]>< [how]>.',
    'Tell [aud] politely to [taskQ]< [dayBy]>< [how]>.',
    '[L] an email to [aud]: they {must|have to|should} [taskQ]< [dayBy]>< [how]>[E]',
    '{Reminder|reminder} {for|to} [aud]: [taskQ]<, deadline [dayN]><, [how]>',
    'The deadline is near and [aud] should [taskQ]< [dayBy]>. [L] a reminder[E]',
  ],
  extras: {
    ...commonExtras,
    day: [
      'The deadline is [dayN].',
      'It is due [dayBy].',
      'Deadline: [dayN].',
      'They have to do it [dayBy].',
    ],
    how: [
      'They can do it [how].',
      'It is done [how].',
      'How: [how].',
      'Mention that they can do this [how].',
    ],
    why: [
      'The reason is that [why].',
      'This matters because [why].',
      'Explain that [why].',
      'Reason: [why].',
      'Say that [why].',
    ],
  },
  purposes: [
    [
      'This is a {quick|short|friendly|gentle} reminder to [task] [dayBy]< [how]>.',
      'This is a {quick|short|friendly|gentle} reminder to [task]< [how]>.',
    ],
    ['Please remember to [task] [dayBy]< [how]>.', 'Please remember to [task]< [how]>.'],
    [
      'I {would like|want|am writing} to remind you to [task] [dayBy]< [how]>.',
      'I {would like|want|am writing} to remind you to [task]< [how]>.',
    ],
    [
      '{Could|May} I ask you to [task] [dayBy]< [how]>?',
      '{Could|May} I ask you to [task]< [how]>?',
    ],
    [
      '{A quick|One small|A friendly} reminder: please [task] [dayBy]< [how]>.',
      '{A quick|One small|A friendly} reminder: please [task]< [how]>.',
    ],
    [
      'The deadline is coming closer, so please [task] [dayBy]< [how]>.',
      'The deadline is coming closer, so please [task]< [how]>.',
    ],
    [
      'We {kindly ask|would like to remind} you to [task] [dayBy]< [how]>.',
      'We {kindly ask|would like to remind} you to [task]< [how]>.',
    ],
    [
      'Please do not forget to [task]<; the deadline is [dayN]>.',
      'Please do not forget to [task]< [how]>.',
    ],
  ],
  details: [
    [
      'day',
      [
        ['The deadline is [dayN].'],
        ['It is due [dayBy].'],
        ['Please do this [dayBy] at the latest.'],
      ],
    ],
    [
      'how',
      [
        ['You can do {this|it} [how].'],
        ['{It is quickly done|The easiest way is to do it} [how].'],
        ['Please do this [how].'],
      ],
    ],
    [
      'why',
      [
        [
          '{The reason is that|This matters because|We ask because} [why].',
          'I am asking because of [whyOf].',
        ],
        [
          '{Please keep in mind|Please understand|Please note} that [why].',
          'The reason is [whyOf].',
        ],
        ['Why the date matters: [why].'],
      ],
    ],
    ...commonTail,
  ],
  support: [
    'It only takes a few minutes.',
    'If you have already done this, please ignore this message.',
    'If it is already done, thank you very much.',
    'Your help keeps things running smoothly for everyone.',
    'I know how easily such things slip by in a full week.',
    'A small step now saves all of us some trouble later.',
    'It would be a great help to the whole group.',
  ],
  ctas: [
    ['Please {let me know|tell me|send me a line} if you need {help|more time}.'],
    ['Please {confirm|send me a short note} once it is done.'],
    ['Could you {let me know|tell me} when it is done?'],
    ['If something keeps you from doing it, please {let me know|get in touch}.'],
    ['Please reply if there is a problem.'],
  ],
  warm: [
    'Thank you very much for your help.',
    'Thanks a lot!',
    'Many thanks for taking care of it.',
    'Thank you for your support.',
    'I really appreciate it.',
    'Thanks in advance!',
    'Thank you for your time.',
    'We appreciate your cooperation.',
    'Many thanks, and have a good week.',
  ],
  rude: [
    'This is the last time I will ask.',
    'I am tired of chasing people.',
    'There are no excuses.',
    'You are always the last one.',
    'It cannot be that hard, can it?',
    'Some people simply never read emails.',
    'Do it now or face the consequences.',
    'Stop wasting my time.',
    'I should not have to tell you this.',
    'Everybody else managed it ages ago.',
  ],
  invented: [
    'There is a fine of 50 dollars.',
    'Mr Hopkins from Head Office will check it.',
    'The code is 9921.',
    'The form is on page 14.',
    'You can also use Counter 7.',
    'A prize of 100 euros is drawn.',
    'The system goes down at 11:55 pm.',
    'Ask for Brenda in Building 42.',
  ],
}

export const deadline: Make = (rng, split) => {
  const world = rng.weighted([
    [worlds.work, 4],
    [worlds.school, 2],
    [worlds.community, 2],
  ])
  const register = rng.pick(world.register)
  const raw = either(tasks, (r, s) => makeTask(r, s).replaceAll('your ', '%y '), rng, split)
  const task = raw.replaceAll('%y', 'your')
  const core = raw.includes('%y')
    ? raw.replace(/.*?%y /, '')
    : raw.replace(/^.*?\b(the|our|my|in|for) /, '')
  const facts: Fact[] = [
    {
      key: 'what',
      core,
      label: `the task (${task})`,
      slots: { task, taskQ: raw.replaceAll('%y', 'their') },
    },
  ]
  const rich = rng.weighted([
    [0.25, 1],
    [0.55, 2],
    [0.85, 1.4],
  ])
  const person = rng.chance(0.32)
  if (rng.chance(0.92)) facts.push(dayFact(rng, split, 'day', 'deadline', 'deadline'))
  if (rng.chance(rich * 0.8))
    facts.push(textFact('how', rng.pick(part(ways, split)), 'how to do it', ways))
  if (rng.chance(rich * 0.7))
    facts.push(textFact('why', either(reasons, clause, rng, split), 'the reason', reasons))
  if (rng.chance(rich * 0.35)) facts.push(contactFact(rng, split))
  if (person) facts.push(personFact(rng, split, 'to', world.titled))
  if (rng.chance(0.32)) facts.push(personFact(rng, split, 'from', 0.1))
  const group = rng.pick(part(world.groups, split, (g) => g.q))
  return {
    kind: 'deadline',
    kit,
    facts,
    register,
    ...addressed(person, group),
    ...(rng.chance(0.22) ? { tone: rng.pick(part(tones[register], split)) } : {}),
  }
}
