import { either, goal, clause } from '../compose.ts'
import { part } from '../split.ts'
import { addressed, tones, type Kit, type Make } from '../scenario.ts'
import {
  bringFact,
  contactFact,
  dayFact,
  personFact,
  placeFact,
  textFact,
  timeFact,
  type Fact,
} from '../values.ts'
import { eventFact, worlds } from './events.ts'
import { commonExtras, commonTail } from './common.ts'

const kit: Kit = {
  title: 'reminder',
  asks: [
    '[L] a {|short|quick|brief} {email|message|note|text message|mail} {that reminds|to remind|reminding} [aud] {about|of} [whatQ]< [day]>< [time]>< [place]>[E]',
    '[L] a {|short|quick|brief|friendly} {email|message|note} that reminds [aud] of [dayP] [whatN]< [time]>< [place]>[E]',
    '[L] a {|short|quick|brief} reminder {for|to} [aud] about [whatQ]<, [day]>< [time]>< [place]>[E]',
    '[L] a {|short|quick|friendly} reminder {about|for} [whatQ]< [day]>< [time]>< [place]>[E]',
    '[L] a {short|quick|brief|nice} reminder about [dayP] [whatN]< [time]>< [place]>[E]',
    '[L] an email to [aud] so {nobody forgets|that they do not forget} [whatQ]< [day]>< [time]>< [place]>[E]',
    '[L] something short to remind [aud] {that|about the fact that} [whatQ] is [day]< [time]>< [place]>[E]',
    '[WhatQ] {is|takes place|will be} [day]< [time]>< [place]>. {Please remind|Write a message to remind|Remind|Write something that reminds} [aud].',
    '{Remind|Please remind} [aud] {about|of} [whatQ]< [day]>< [time]>< [place]>.',
    '{How would you|How should I|What is a good way to} remind [aud] about [whatQ]< [day]>< [time]>< [place]>?',
    'I {want|have|need} to remind [aud] about [whatQ]< [day]>< [time]>< [place]>. {Can you write it?|Please write the message.|What should I send?}',
    '[Aud] should be reminded that [whatQ] is [day]< [time]>< [place]>. {Write the email.|Please write a short message.}',
    'I organise [whatQ]< [day]>< [time]>< [place]>. [L] a reminder {for|to} [aud][E]',
    'Some people might forget [whatQ]< [day]>< [time]>< [place]>. [L] a {short|friendly|polite} reminder[E]',
    'Let [aud] know once more that [whatQ] {is|takes place} [day]< [time]>< [place]>.',
    '{reminder|Reminder} {for|to} [aud]: [whatN]<, [dayN]><, [timeN]><, [placeN]>',
    '{short reminder|reminder email|quick reminder} please: [whatN]< [dayN]>< [timeN]><, [placeN]>',
  ],
  extras: commonExtras,
  purposes: [
    [
      'This is a {quick|short|friendly|gentle|brief} reminder that [what] {takes place|will take place|is|will be held} [day]< [time]>< [place]>.',
      'This is a {quick|short|friendly|gentle|brief} reminder about [what]< [time]>< [place]>.',
    ],
    [
      '{Just a|This is a|Here is a} {quick|short|friendly|gentle} reminder about [dayP] [whatN]< [time]>< [place]>.',
      'This is a {quick|short|friendly} reminder of [what]< [day]>< [time]>< [place]>.',
    ],
    [
      'I {would like|want|am writing} to remind you {of|about} [what], which {takes place|will be held|is} [day]< [time]>< [place]>.',
      'I {would like|want|am writing} to remind you {of|about} [what]< [time]>< [place]>.',
    ],
    [
      'Please remember that [what] {is|takes place} [day]< [time]>< [place]>.',
      'Please do not forget [what]< [time]>< [place]>.',
    ],
    [
      'Please keep [dayN]< [time]> free for [what]< [place]>.',
      'Please keep [what] in mind< [time]>< [place]>.',
    ],
    [
      '{A quick|A friendly|One short} reminder: [what] {is|takes place} [day]< [time]>< [place]>.',
      'A quick reminder: [what] is coming up< [place]>.',
    ],
    [
      '[What] is coming up [day]< [time]>< [place]>, and {I|we} {would|want to} like to remind you of it.',
      '[What] is coming up, and this is a short reminder of it.',
    ],
    [
      'We {would like|wish} to remind you that [what] {will take place|is planned} [day]< [time]>< [place]>.',
      'We {would like|wish} to remind you about [what]< [time]>< [place]>.',
    ],
    [
      '{Do not|Please do not} forget: [what] {is|takes place} [day]< [time]>< [place]>.',
      'Please do not forget [what]<, which takes place [place]>.',
    ],
    [
      'I am writing about [dayP] [whatN]< [time]>< [place]>, just so that nobody forgets it.',
      'I am writing to remind everyone of [what]< [day]>< [time]>< [place]>.',
    ],
  ],
  details: [
    [
      'day',
      [
        ['It takes place [day]< [time]>< [place]>.'],
        ['The date: [dayN]< [time]>.'],
        ['It is planned for [dayN]< [time]>.'],
      ],
    ],
    [
      'time',
      [
        [
          'We {start|begin|will start} [timeAt]< [place]>.',
          'It {runs|lasts|goes on} [timeFrom]< [place]>.',
        ],
        ['It {starts|begins} [timeAt]< [place]>.', 'We will be there [timeFrom]< [place]>.'],
        ['The time is [timeN].'],
      ],
    ],
    [
      'place',
      [
        ['We {meet|will meet|are meeting} [place].'],
        ['It {takes place|will be held} [place].'],
        ['The place: [placeN].'],
        ['You will find us [place].'],
      ],
    ],
    [
      'why',
      [
        ['{We will use the time|We are meeting|We are coming together} to [why].'],
        ['The {aim|goal|plan} is to [why].'],
        ['This time we {want|would like|are going} to [why].'],
      ],
    ],
    [
      'bring',
      [
        ['Please bring [bring]{| with you| along}.'],
        ['Please {remember|do not forget} to bring [bring].'],
        ['{It would help if you could|We ask you to} bring [bring].'],
        ['{You will need|Please have} [bring] with you.'],
      ],
    ],
    ...commonTail,
  ],
  support: [
    'It is important to us that everyone can take part.',
    'We would be glad to have everyone there.',
    'Your participation makes a real difference.',
    'It would be great to see everyone there.',
    'Please plan enough time so that you can join us without hurry.',
    'We want to start together, so please be on time.',
    'Thank you for making a note of it.',
    'Please make a note of it in your calendar so that it does not slip by.',
    'It will be worth your time.',
    'If you have already made a note of it, wonderful.',
  ],
  ctas: [
    [
      'Please {confirm|let me know whether you are coming|tell me whether you can come} [rsvpBy].',
      'Please let me know {if you cannot make it|if you are unable to attend|if anything prevents you from coming}.',
    ],
    [
      'Please {reply|answer|send a short reply} [rsvpBy] {to confirm|so that we can plan}.',
      'Please {reply|send a short reply} to confirm that you are coming.',
    ],
    [
      'Could you {confirm|let us know} [rsvpBy] {that you will be there|that you can join us}?',
      'Could you {confirm|let us know} that you {will be there|can join us}?',
    ],
    [
      'If you cannot come, please {tell me|let me know} [rsvpBy].',
      'If you cannot come, please {tell me|let me know} in advance.',
    ],
    [
      '{Kindly|Please} send us your answer [rsvpBy].',
      '{Kindly|Please} let us know if you have to miss it.',
    ],
  ],
  warm: [
    'I look forward to seeing you there.',
    'We look forward to seeing you.',
    'Looking forward to it!',
    'See you there!',
    'Thank you, and see you soon.',
    'I am looking forward to seeing you all.',
    'It will be good to see you.',
    'Thank you for being part of it.',
    'We are happy that you are joining us.',
    'Thanks a lot, and see you there.',
  ],
  rude: [
    'Do not be late again.',
    'I am tired of reminding people.',
    'There are no excuses this time.',
    'You had better show up.',
    'I should not have to tell you this.',
    'Some of you clearly never read emails.',
    'Anyone who misses it has only themselves to blame.',
    'It is really not that hard to remember.',
    'Be there or there will be trouble.',
    'Just write it down for once.',
  ],
  invented: [
    'A guest speaker from Berlin will join us.',
    'Dinner at the Plaza is included.',
    'There is a fee of 40 dollars.',
    'We will finish before 11:55 pm.',
    'Please park in Lot 17.',
    'The password is 4471.',
    'Professor Baxter will open the event.',
    'A shuttle leaves from Gate 9.',
    'Everyone gets a free T-shirt.',
    'It was moved from its usual slot in August.',
  ],
}

export const reminder: Make = (rng, split) => {
  const world = rng.weighted([
    [worlds.work, 4],
    [worlds.community, 2.5],
    [worlds.school, 2],
    [worlds.social, 1.2],
  ])
  const register = rng.pick(world.register)
  const facts: Fact[] = [eventFact(rng, split, world)]
  const rich = rng.weighted([
    [0.25, 1],
    [0.55, 2],
    [0.85, 1.4],
  ])
  const person = rng.chance(0.3)
  if (rng.chance(0.93)) facts.push(dayFact(rng, split))
  if (rng.chance(rich)) facts.push(timeFact(rng, 'time', world.hours[0], world.hours[1]))
  if (rng.chance(rich)) facts.push(placeFact(rng, split, world.sort))
  if (rng.chance(rich * 0.7)) facts.push(bringFact(rng, split, world.bring))
  if (rng.chance(rich * 0.35))
    facts.push(textFact('why', either(world.aims, goal, rng, split), 'the purpose', world.aims))
  if (rng.chance(rich * 0.4)) facts.push(dayFact(rng, split, 'rsvp', 'deadline', 'reply date'))
  if (rng.chance(rich * 0.3))
    facts.push(textFact('note', either(world.notes, clause, rng, split), 'the note', world.notes))
  if (rng.chance(rich * 0.22)) facts.push(contactFact(rng, split))
  if (person) facts.push(personFact(rng, split, 'to', world.titled))
  if (rng.chance(0.3)) facts.push(personFact(rng, split, 'from', 0.1))
  const group = rng.pick(part(world.groups, split, (g) => g.q))
  return {
    kind: 'reminder',
    kit,
    facts,
    register,
    ...addressed(person, group),
    ...(rng.chance(0.22) ? { tone: rng.pick(part(tones[register], split)) } : {}),
  }
}
