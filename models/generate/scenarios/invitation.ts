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
import { commonExtras, commonTail } from './common.ts'
import { eventFact, worlds } from './events.ts'

const kit: Kit = {
  title: 'invitation',
  asks: [
    '[L] {an invitation|a short invitation|a nice invitation} {to|for} [what]< [day]>< [time]>< [place]>[E]',
    '[L] {an invitation|a short invitation|an email invitation} for [aud] to [what]< [day]>< [time]>< [place]>[E]',
    '[L] a {|short|nice|quick} {message|email|note|text} {inviting|to invite|that invites} [aud] to [what]< [day]>< [time]>< [place]>[E]',
    '[L] {an invitation|a short invitation} to [dayP] [whatN]< [time]>< [place]>[E]',
    '{Invite|Please invite} [aud] to [what]< [day]>< [time]>< [place]>.',
    'I {am hosting|am having|am planning|organise} [whatA]< [day]>< [time]>< [place]>. {Please invite|Invite|Write an invitation for|Write a message inviting} [aud].',
    'We are {having|holding|planning|organising} [whatA]< [day]>< [time]>< [place]>. [L] an invitation {for|to} [aud][E]',
    '{How do I|How would you|How can I} invite [aud] to [what]< [day]>< [time]>< [place]>?',
    'I {want|would like} to invite [aud] to [what]< [day]>< [time]>< [place]>. {What could I write?|Please write the invitation.|Can you write it?}',
    'There {is|will be} [whatA] [day]< [time]>< [place]>, and I want [aud] to come. {Write the invitation.|Can you write to them?}',
    'Ask [aud] whether they {would like to|want to|can} come to [what]< [day]>< [time]>< [place]>.',
    'Write to [aud] and invite them to [what]< [day]>< [time]>< [place]>.',
    '{invitation|Invitation} {for|to} [aud]: [whatN]<, [dayN]><, [timeN]><, [placeN]>',
    '{short invite|quick invite|invitation text} please: [whatN]< [dayN]>< [timeN]><, [placeN]>',
  ],
  extras: {
    ...commonExtras,
    why: [
      '{We want to|The idea is to|It is to} [why].',
      'The reason: we want to [why].',
      '{Mention|Say} that we want to [why].',
    ],
  },
  purposes: [
    [
      '{I|We} {would like|would love} to invite you to [what] [day]< [time]>< [place]>.',
      '{I|We} {would like|would love} to invite you to [what]< [time]>< [place]>.',
    ],
    [
      'You are {warmly|cordially|} invited to [what], which {takes place|will be held} [day]< [time]>< [place]>.',
      'You are {warmly|cordially|} invited to [what]< [time]>< [place]>.',
    ],
    [
      'We are {having|holding|planning} [whatA] [day]< [time]>< [place]>, and you are {warmly |}invited.',
      'We are {having|holding|planning} [whatA]< [place]>, and you are {warmly |}invited.',
    ],
    [
      'Would you like to {come to|join us for} [what] [day]< [time]>< [place]>?',
      'Would you like to {come to|join us for} [what]< [time]>< [place]>?',
    ],
    [
      'Please join us for [what] [day]< [time]>< [place]>.',
      'Please join us for [what]< [time]>< [place]>.',
    ],
    [
      '{It is a pleasure|I am happy} to invite you to [what], which {takes place|is} [day]< [time]>< [place]>.',
      '{It is a pleasure|I am happy} to invite you to [what]< [place]>.',
    ],
    [
      'I am {writing|delighted} to invite you to [dayP] [whatN]< [time]>< [place]>.',
      'I am {writing|delighted} to invite you to [what]< [day]>< [time]>< [place]>.',
    ],
    [
      '[What] {is just around the corner|is coming up}, and {I|we} would love to have you there [day]< [time]>< [place]>.',
      '[What] is coming up, and {I|we} would love to have you there< [time]>< [place]>.',
    ],
    [
      'There will be [whatA] [day]< [time]>< [place]>, and {I|we} hope you can come.',
      'There will be [whatA]< [place]>, and {I|we} hope you can come.',
    ],
  ],
  details: [
    [
      'why',
      [
        ['{We want to|The plan is to|It is our way to} [why].'],
        ['{Together we want|We would like} to [why].'],
        ['The occasion: we want to [why].'],
      ],
    ],
    [
      'day',
      [
        ['It takes place [day]< [time]>< [place]>.'],
        ['The date: [dayN]< [time]>.'],
        ['Please save the date: [dayN]< [time]>.'],
      ],
    ],
    [
      'time',
      [
        [
          'We {start|begin|will start} [timeAt]< [place]>.',
          'It {runs|goes on} [timeFrom]< [place]>.',
        ],
        ['It {starts|begins} [timeAt]< [place]>.', 'We will be there [timeFrom]< [place]>.'],
        ['The time is [timeN].'],
      ],
    ],
    [
      'place',
      [
        ['We {meet|will meet|will be} [place].'],
        ['It {takes place|will be} [place].'],
        ['You will find us [place].'],
      ],
    ],
    [
      'bring',
      [
        ['{Please bring|It would be lovely if you could bring|If you can, please bring} [bring].'],
        ['Please {remember|do not forget} to bring [bring].'],
        ['All you need to bring is [bring].'],
        ['We only ask you to bring [bring].'],
      ],
    ],
    ...commonTail,
  ],
  support: [
    'It would mean a lot to have you with us.',
    'It will be a relaxed and happy occasion.',
    'We would be glad to have you with us.',
    'There will be plenty of time to talk.',
    'It would not be the same without you.',
    'We have been looking forward to this for some time.',
    'It is a good chance to spend some time together.',
    'Just come as you are and enjoy yourself.',
  ],
  ctas: [
    [
      'Please {let me know|tell me|let us know} [rsvpBy] {whether you can come|if you can make it}.',
      'Please {let me know|tell me|let us know} {whether you can come|if you can make it}.',
    ],
    [
      '{A short reply|Your answer} [rsvpBy] would help us {to plan|with the planning}.',
      '{A short reply|Your answer} would help us {to plan|with the planning}.',
    ],
    [
      'Please {reply|RSVP|answer} [rsvpBy].',
      'Please send a short reply if you would like to come.',
    ],
    [
      'Could you {tell us|let us know} [rsvpBy] if you are coming?',
      'Could you {tell us|let us know} if you are coming?',
    ],
    [
      '{Can you make it? Just|Will you come? Please} send me a line [rsvpBy].',
      '{Can you make it? Just|Will you come? Please} send me a line.',
    ],
  ],
  warm: [
    'I really hope you can make it!',
    'We look forward to seeing you.',
    'I would be so happy to see you there.',
    'It would be lovely to see you.',
    'We cannot wait to celebrate with you.',
    'I am looking forward to it already!',
    'Hope to see you there!',
    'We would be delighted to welcome you.',
    'It will be wonderful to see you.',
    'I hope to see you soon.',
  ],
  rude: [
    'You never come anyway, so surprise me.',
    'Do not make me ask twice.',
    'You owe me this one.',
    'If you skip it, do not bother calling.',
    'I suppose I have to invite you.',
    'Try not to be boring this time.',
    'Come or do not come, I hardly care.',
    'And do not show up late like always.',
    'Honestly, nobody expects you to come.',
    'I only ask because I have to.',
  ],
  invented: [
    'A band called Moonrise will play.',
    'The dress code is black tie.',
    'Tickets cost 25 dollars at the door.',
    'Chef Antonio will cook for us.',
    'We will end at 11:50 pm sharp.',
    'Uncle Barney will do magic tricks.',
    'There is a pool in Building 42.',
    'Taxis leave from Terminal 3.',
    'Everybody gets a gift worth 30 euros.',
    'It is our 250th event.',
  ],
}

export const invitation: Make = (rng, split) => {
  const world = rng.weighted([
    [worlds.social, 5],
    [worlds.community, 2],
    [worlds.work, 1.6],
    [worlds.school, 1.2],
  ])
  const register = rng.pick(world.register)
  const facts: Fact[] = [eventFact(rng, split, world)]
  const rich = rng.weighted([
    [0.25, 1],
    [0.55, 2],
    [0.85, 1.4],
  ])
  const person = rng.chance(0.4)
  if (rng.chance(0.92)) facts.push(dayFact(rng, split))
  if (rng.chance(rich)) facts.push(timeFact(rng, 'time', world.hours[0], world.hours[1]))
  if (rng.chance(rich)) facts.push(placeFact(rng, split, world.sort))
  if (rng.chance(rich * 0.5))
    facts.push(textFact('why', either(world.aims, goal, rng, split), 'the occasion', world.aims))
  if (rng.chance(rich * 0.5)) facts.push(bringFact(rng, split, world.bring))
  if (rng.chance(rich * 0.55)) facts.push(dayFact(rng, split, 'rsvp', 'deadline', 'reply date'))
  if (rng.chance(rich * 0.3))
    facts.push(textFact('note', either(world.notes, clause, rng, split), 'the note', world.notes))
  if (rng.chance(rich * 0.12)) facts.push(contactFact(rng, split))
  if (person) facts.push(personFact(rng, split, 'to', world.titled))
  if (rng.chance(0.32)) facts.push(personFact(rng, split, 'from', 0.05))
  const group = rng.pick(part(world.groups, split, (g) => g.q))
  return {
    kind: 'invitation',
    kit,
    facts,
    register,
    ...addressed(person, group),
    ...(rng.chance(0.22) ? { tone: rng.pick(part(tones[register], split)) } : {}),
  }
}
