import { either, task as makeTask, clause } from '../compose.ts'
import { part } from '../split.ts'
import { addressed, tones, type Kit, type Make } from '../scenario.ts'
import { contactFact, dayFact, personFact, textFact, type Fact } from '../values.ts'
import { commonExtras, commonTail } from './common.ts'
import { worlds } from './events.ts'

const list = (text: string) => text.trim().split(/\s*[;\n]\s*/)

interface Wish {
  readonly ask: readonly string[]
  readonly why: readonly string[]
  readonly note: readonly string[]
  readonly work: boolean
}

/** What is asked for ("to …"), why (a clause), and a detail (a clause). */
const wishes: readonly Wish[] = [
  {
    work: true,
    ask: list(
      `send me the signed contract; share the latest sales figures; cover my shift; review my draft; approve my holiday request; send us an updated quote; give me access to the shared drive; order two new monitors; check the invoice; send me the meeting notes; book a meeting room; extend the deadline; repair the printer; forward the client list; write a letter of recommendation; lend us the projector; install the new software; translate the flyer; send a sample; confirm the delivery date; replace the broken chair; update the price list; give a short talk; proofread the newsletter; send me the login details; swap shifts with me; collect the feedback forms; sign the expense report; arrange a site visit; let me work from home; speed up the order`,
    ),
    why: list(
      `the auditor asked for it; I have a doctor's appointment; the client is waiting for an answer; the budget closes soon; our old one is broken; I will be on holiday; the board meets next week; we have a large order to fill; I am preparing a presentation; my laptop is being repaired; the exhibition opens soon; we are short of staff; the printer needs the final text; I am moving house; two colleagues are ill; the contract runs out; we want to compare three offers; my train ticket is already booked`,
    ),
    note: list(
      `a rough version is enough; the form is attached; it should take less than an hour; I can pick it up myself; the cost will be covered by my department; the old version is in the shared folder; a PDF is fine; I can return the favour next month; my manager has agreed; we need 40 copies; the size should be A4; all changes are marked in red; delivery can be to the back entrance`,
    ),
  },
  {
    work: false,
    ask: list(
      `water my plants; feed the cat; lend me your ladder; pick up the children; drive me to the station; look after our dog; take in a parcel; turn down the music at night; help me carry a wardrobe; lend us your tent; keep an eye on the house; bake a cake for the party; move your car; trim the hedge; share your recipe; help me with the tax form; give me a lift; keep the front door locked; collect my post; bring back my drill; take photos at the wedding; let me use your garage; join the school garden day; keep your dog on a lead; teach me some Spanish; help us move; fix the dripping tap`,
    ),
    why: list(
      `I will be away for a few days; the baby wakes up easily; my car is at the garage; we are repainting the flat; my back hurts; the movers are coming; I start work very early; the delivery comes while I am out; we are going camping; the lamp is too high for me; my mother is visiting; our oven is broken; there was a break-in next door; I have an exam; the path is very narrow; the school is raising money; it is too heavy for one person; the smell bothers the children`,
    ),
    note: list(
      `it takes about ten minutes a day; the key is under the blue pot; I will pay for the petrol; there is food in the kitchen cupboard; I will bring it back clean; the parcel is quite small; dinner is on me; two evenings would be enough; the boxes are already packed; I can do the same for you in summer; it only needs water twice; the cat is very shy`,
    ),
  },
  {
    work: true,
    ask: list(
      `repair the heating; fix the leaking tap; replace the hall light; send me the rental contract; return the deposit; confirm my reservation; send a receipt; change my appointment; cancel my subscription; refund the ticket; exchange the jacket; move my booking; check the meter reading; send a plumber; add a vegetarian meal; reserve a table for six; deliver the sofa in the afternoon; correct my address; repair the lift; send me a catalogue; keep a parking space free; issue a new card; prepare the forms for the bank; excuse my daughter from class; give my son extra homework; renew my prescription; send the test results`,
    ),
    why: list(
      `the radiators are cold; water is dripping on the floor; I moved out last month; the date does not suit me any more; the size is wrong; my name was spelled wrongly; the train was cancelled; I never received one; my insurance asks for it; we are arriving late; the old one expired; one guest cannot eat meat; the stairs are dark at night; I work in the mornings; she has a dental appointment; the tax office needs it; my grandmother cannot climb the stairs; it stopped working after a week`,
    ),
    note: list(
      `the booking number is 48213; someone is at home after 4 pm; I have attached a photo; the neighbours have the same problem; my account number has not changed; I still have the receipt; the spare key is with the caretaker; the item was never used; I have called twice already; we are four adults and a child; the old one can be thrown away; the order number is 7715`,
    ),
  },
]

const kit: Kit = {
  title: 'request',
  asks: [
    '[L] {a request|a short request|a polite request} to [aud] to [ask]< [dayBy]>[E]',
    '[L] a {|short|polite|quick} {email|message|note|text} {asking|to ask|that asks} [aud] to [ask]< [dayBy]>[E]',
    '{Ask|Please ask|Politely ask} [aud] to [ask]< [dayBy]>.',
    'I {want|would like|need} to ask [aud] to [ask]< [dayBy]>. {Can you write it?|Please write the message.|How should I put it?|Please help me.}',
    'I need [aud] to [ask]< [dayBy]>. [L] a {polite|short|friendly} message[E]',
    '{How can I|How should I|How do I} ask [aud] to [ask]< [dayBy]>?',
    'Write to [aud] and ask them to [ask]< [dayBy]>.',
    'Could [aud] [ask]< [dayBy]>? [L] a message that asks for it[E]',
    '{request|Request|polite request} to [aud]: [ask]<, {by|until} [dayN]>',
    '[L] an email to [aud]. They should [ask]< [dayBy]>[E]',
    '[L] a {favour request|request} to [aud]: please [ask]< [dayBy]>[E]',
    'Get [aud] to [ask]< [dayBy]>, but ask nicely. [L] a short note[E]',
  ],
  extras: {
    ...commonExtras,
    day: [
      'I need it [dayBy].',
      'The deadline is [dayN].',
      'It should be done [dayBy].',
      'Deadline: [dayN].',
    ],
    why: [
      'The reason is that [why].',
      'It is because [why].',
      '{Explain|Mention|Say} that [why].',
      'Reason: [why].',
      '[Why].',
    ],
  },
  purposes: [
    ['{Could|Would} you please [ask] [dayBy]?', '{Could|Would} you please [ask]?'],
    [
      'I {would like|am writing} to ask you to [ask] [dayBy].',
      'I {would like|am writing} to ask you to [ask].',
    ],
    ['May I ask you to [ask] [dayBy]?', 'May I ask you to [ask]?'],
    [
      'I have a {small |}{request|favour to ask}: could you [ask] [dayBy]?',
      'I have a {small |}{request|favour to ask}: could you [ask]?',
    ],
    [
      'I would be {very |}grateful if you could [ask] [dayBy].',
      'I would be {very |}grateful if you could [ask].',
    ],
    ['Would it be possible for you to [ask] [dayBy]?', 'Would it be possible for you to [ask]?'],
    [
      '{It would help me a lot|It would be a great help} if you could [ask] [dayBy].',
      '{It would help me a lot|It would be a great help} if you could [ask].',
    ],
    [
      'I am getting in touch because I need you to [ask] [dayBy].',
      'I am getting in touch because I need you to [ask].',
    ],
  ],
  details: [
    [
      'day',
      [
        ['I would need it [dayBy].'],
        ['It would be best if this could be done [dayBy].'],
        ['The date that matters is [dayN].'],
      ],
    ],
    [
      'why',
      [
        ['The reason is that [why].', 'The reason is [whyOf].'],
        ['{I am asking|I ask} because [why].', '{I am asking|I ask} because of [whyOf].'],
        ['{Just so you know|To explain|As background}, [why].', 'This is because of [whyOf].'],
        ['[Why], so this would really help.', 'The reason for my request is [whyOf].'],
      ],
    ],
    ...commonTail,
  ],
  support: [
    'I know that you have a lot to do.',
    'I would not ask if it were not important.',
    'It would make things much easier for me.',
    'I hope that this is not too much trouble.',
    'I know this comes at short notice.',
    'Any help would be very welcome.',
    'I am happy to explain more if that helps.',
    'Of course I understand if you need a little time.',
  ],
  ctas: [
    ['Please let me know {if this works for you|whether that is possible|if you can do this}.'],
    ['Could you {send me a short reply|tell me} if this is possible?'],
    ['Please {tell me|let me know} if you need anything from me.'],
    ['A short {reply|answer} would help me plan.'],
    ['If you have any questions, please {let me know|get in touch|call me}.'],
    ['Please {confirm|write back} when you have a moment.'],
  ],
  warm: [
    'Thank you very much for your help.',
    'Thanks in advance!',
    'Many thanks.',
    'I really appreciate it.',
    'Thank you for your time.',
    'I would be very thankful.',
    'Thank you, that is very kind.',
    'Thanks a lot for your support.',
    'I am grateful for any help.',
    'Thank you for taking care of this.',
  ],
  rude: [
    'And do it right this time.',
    'I have waited long enough.',
    'It is your job, after all.',
    'I do not care how busy you are.',
    'Do not make me ask again.',
    'It is the least you can do.',
    'Others are much faster than you.',
    'I expect no excuses.',
    'Frankly, this is ridiculous.',
    'Just get it done.',
  ],
  invented: [
    'My lawyer Gordon will call you.',
    'It will cost 90 dollars.',
    'Please come to Room 911 for that.',
    'We spoke about it in August.',
    'My boss Brenda insists on it.',
    'Otherwise there is a fine of 75 euros.',
    'Deliver it to Gate 17.',
    'Please use code 9921.',
  ],
}

export const request: Make = (rng, split) => {
  const wish = rng.pick(wishes)
  const register = wish.work
    ? rng.pick(['neutral', 'formal', 'neutral', 'friendly'] as const)
    : rng.pick(['friendly', 'neutral'] as const)
  const ask = either(wish.ask, makeTask, rng, split)
  const facts: Fact[] = [
    {
      key: 'what',
      core: ask.replace(/^\w+ (up |down |back |away |over |after |us |me )?/, ''),
      label: `what you ask for (${ask})`,
      slots: { ask },
    },
  ]
  const rich = rng.weighted([
    [0.3, 1],
    [0.6, 2],
    [0.9, 1],
  ])
  if (rng.chance(rich)) facts.push(dayFact(rng, split, 'day', 'deadline', 'deadline'))
  if (rng.chance(rich))
    facts.push(textFact('why', either(wish.why, clause, rng, split), 'the reason', wish.why))
  if (rng.chance(rich * 0.6))
    facts.push(textFact('note', either(wish.note, clause, rng, split), 'the detail', wish.note))
  if (rng.chance(rich * 0.2)) facts.push(contactFact(rng, split))
  const person = rng.chance(0.55)
  if (person) facts.push(personFact(rng, split, 'to', wish.work ? 0.45 : 0.1))
  if (rng.chance(0.42)) facts.push(personFact(rng, split, 'from', 0.05))
  const group =
    wish === wishes[0]
      ? rng.pick([
          { q: 'my boss', hi: ['Hello', 'Good morning'] },
          { q: 'a colleague', hi: ['Dear colleague', 'Hello', 'Hi there'] },
          { q: 'our supplier', hi: ['Hello', 'Good morning'] },
          { q: 'the IT department', hi: ['Dear IT team', 'Hello'] },
          { q: 'my manager', hi: ['Hello', 'Good morning'] },
          { q: 'HR', hi: ['Dear HR team', 'Hello'] },
          ...worlds.work.groups.slice(4, 10),
        ])
      : wish === wishes[1]
        ? rng.pick([
            { q: 'my neighbour', hi: ['Dear neighbour', 'Hello'] },
            { q: 'a friend', hi: ['Hi there', 'Hello', 'Dear friend'] },
            { q: 'my neighbours', hi: ['Dear neighbours', 'Hello everyone'] },
            { q: 'my brother', hi: ['Dear brother', 'Hi there'] },
            { q: 'my flatmate', hi: ['Hi there', 'Hello'] },
          ])
        : rng.pick([
            { q: 'my landlord', hi: ['Hello', 'Good morning'] },
            { q: 'the shop', hi: ['Hello', 'Good morning'] },
            { q: 'the hotel', hi: ['Hello', 'Good morning', 'Dear hotel team'] },
            { q: 'customer service', hi: ['Hello', 'Dear customer service team'] },
            { q: 'the building manager', hi: ['Hello', 'Good morning'] },
            { q: 'the school office', hi: ['Hello', 'Good morning'] },
          ])
  return {
    kind: 'request',
    kit,
    facts,
    register,
    ...addressed(person, group),
    ...(rng.chance(0.2) ? { tone: rng.pick(part(tones[register], split)) } : {}),
  }
}
