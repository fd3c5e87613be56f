import { clause, either, favour as makeFavour, task as makeTask } from '../compose.ts'
import { part } from '../split.ts'
import { addressed, tones, type Kit, type Make } from '../scenario.ts'
import { dayFact, personFact, textFact, type Fact } from '../values.ts'
import { worlds } from './events.ts'

const list = (text: string) => text.trim().split(/\s*[;\n]\s*/)

interface Favour {
  readonly for: readonly string[]
  readonly effect: readonly string[]
  readonly next: readonly string[]
}

/** What the thanks are for (after "for"), what it did (a clause), and what comes next (a clause in the first person). */
const favours: Readonly<Record<string, Favour>> = {
  help: {
    for: list(
      `helping me move; the lift to the airport; looking after the cat; fixing my bicycle; watering my plants; lending me the drill; babysitting the twins; painting the fence with me; driving me to the hospital; repairing the garden gate; carrying the sofa upstairs; taking in my parcels; helping with the tax forms; jump-starting my car; walking the dog; the help with the kitchen shelves; finding my keys; cutting the hedge; lending me the ladder; cooking for us after the birth; teaching me to swim; searching for our cat`,
    ),
    effect: list(
      `everything was done before the rain came; I could never have done it alone; it saved me a whole day; we arrived just in time; it took such a load off my mind; the house looks wonderful now; I slept well for the first time in weeks; it all went so smoothly; the children still talk about it; it works like new again; you saved the weekend; we could finally relax; the stress was gone at once`,
    ),
    next: list(
      `I would like to invite you for dinner soon; I will gladly return the favour; the next coffee is on me; I will drop off a cake this week; I owe you a big lunch; please call me when you need a hand; I will bring back the tools in a few days`,
    ),
  },
  gift: {
    for: list(
      `the beautiful flowers; the cookbook; the handmade scarf; the birthday present; the concert tickets; the lovely card; the box of chocolates; the blue teapot; the wedding gift; the photo album; the plant for the balcony; the wool blanket; the wooden toys; the painting; the silver earrings; the home-made jam; the travel guide; the board game; the vase; the fountain pen`,
    ),
    effect: list(
      `it fits perfectly; I have already used it twice; it made my whole week; the colour is just right; we were so surprised; it has a special place in the living room; the whole family loves it; it was exactly what I had wished for; I smile every time I see it; nobody has ever chosen better; it reminds me of our trip`,
    ),
    next: list(
      `I would love to show it to you soon; please come by for coffee; I will send you a photo; I hope to thank you in person; we should meet for tea soon; I will think of you whenever I use it; the next visit is on us`,
    ),
  },
  work: {
    for: list(
      `covering my shift; the quick feedback; the interview; organising the conference; the excellent presentation; the support during the audit; translating the brochure; training the new colleagues; staying late with me; the detailed quote; the recommendation letter; testing the new website; the warm welcome; the guided tour of the plant; proofreading my report; the fast delivery; fixing the server; hosting our visitors; the advice on the contract; leading the workshop; your donation; speaking at our event; setting up the new laptops; helping with the booth`,
    ),
    effect: list(
      `the client was very impressed; we finished ahead of time; the report is much clearer now; it saved us a lot of work; the guests felt at home at once; everyone learned something new; the launch went without a problem; I could take care of my family; the team is full of new ideas; we won the contract; I got the job; the numbers are finally right; visitors praised it all day`,
    ),
    next: list(
      `I look forward to working with you again; I will gladly cover for you next time; lunch is on me; we will keep you posted on the results; I hope we can continue the talks soon; I will mention it in the next team meeting; I would be glad to help you in return; we would love to have you back`,
    ),
  },
  hosting: {
    for: list(
      `the wonderful dinner; the weekend at the lake; the lovely party; letting us stay with you; the cosy evening; the great barbecue; the boat trip; showing us the city; the delicious brunch; the tour of the old town; the warm hospitality; the picnic by the river; the game night; the invitation to the opera; the hike and the picnic`,
    ),
    effect: list(
      `the food was delicious; the children did not want to leave; we felt at home right away; I have not laughed so much in years; the view was unforgettable; it was the best part of our holiday; we still talk about the dessert; the music was perfect; I met so many nice people; time simply flew`,
    ),
    next: list(
      `we would love to have you over next time; please visit us soon; I will send you the photos; the next dinner is at our place; we hope to see you again before winter; I would like to get the recipe; we are already looking forward to the next time`,
    ),
  },
}

const kit: Kit = {
  title: 'thank-you note',
  asks: [
    '[L] a {|short|warm|nice|quick|little} {thank-you note|thank you note|thank-you message|thank-you email|thank-you card} {to|for} [aud] for [for]< [day]>[E]',
    '[L] a {|short|nice|warm} {message|email|note|text} {thanking|to thank|that thanks} [aud] for [for]< [day]>[E]',
    '[L] a {|short} {thank-you note|thank-you message} for [for]< [day]>[E]',
    '{Thank|Please thank} [aud] for [for]< [day]>.',
    'I {want|would like} to thank [aud] for [for]< [day]>. {Can you write it?|Please write a note.|What could I write?|Please help me with the words.}',
    '{How can I|How do I|What is a nice way to} thank [aud] for [for]< [day]>?',
    'I am very grateful to [aud] for [for]< [day]>. [L] a short note[E]',
    'Say thank you to [aud] for [for]< [day]>.',
    'Tell [aud] how grateful I am for [for]< [day]>.',
    '{thank you note|Thank-you note|thanks note} to [aud]: [for]<, [dayN]>',
    '[L] a few lines to say thanks to [aud] for [for]< [day]>[E]',
    'I owe [aud] a thank-you for [for]< [day]>. [L] {it|one} please[E]',
  ],
  extras: {
    day: ['That was [day].', 'It was [day].', 'When: [dayN].'],
    effect: [
      '{Mention|Say|Add|Tell them} that [effect].',
      'I want to say that [effect].',
      'Because of it, [effect].',
      'Effect: [effect].',
      '[Effect].',
    ],
    next: [
      '{Add|Also say|Say} that [next].',
      'At the end, say that [next].',
      'Also, [next].',
      '{Finish with this|Next}: [next].',
    ],
    from: [
      '{Sign it as|Sign it from|Sign as|Sign off as} [from].',
      "{It is|It's} from [from].",
      'My name is [from].',
      'I am [from].',
      'Sender: [from].',
    ],
    to: ['It {is|goes} to [to].', 'It is for [to].', 'Address it to [to].', 'Recipient: [to].'],
    tone: [
      '{Keep it|Make it|It should be|It should sound} [tone].',
      'The tone should be [tone].',
      'Tone: [tone].',
      '[Tone], please.',
    ],
    size: ['Keep it short.', 'A few sentences are enough.', 'Not too long.', 'Short, please.'],
  },
  purposes: [
    ['Thank you {so much|very much} for [for]< [day]>.'],
    [
      'I {want|would like|wanted} to thank you {sincerely |from the bottom of my heart |}for [for]< [day]>.',
    ],
    ['{Many thanks|A big thank you|A heartfelt thank you} for [for]< [day]>.'],
    ['I am {writing|sending this note} to thank you for [for]< [day]>.'],
    ['I am {so|truly|very} grateful {to you |}for [for]< [day]>.'],
    ['Please accept my {warm|sincere|heartfelt} thanks for [for]< [day]>.'],
    ['I {really|truly} appreciated [for]< [day]>, thank you!'],
    ['This is just a short note to say thank you for [for]< [day]>.'],
  ],
  details: [
    [
      'day',
      [
        ['I am still thinking of it, although it was [day].'],
        ['What you did [day] was very kind.'],
        ['It was [day], and I am still happy about it.'],
      ],
    ],
    [
      'effect',
      [
        ['{Thanks to you|Because of you|It was such a help}: [effect].'],
        ['{I have to say that|You should know that|I am happy to tell you that} [effect].'],
        ['{Honestly|To be honest|Really}, [effect].'],
        ['[Effect].'],
      ],
    ],
    [
      'next',
      [
        ['Also, [next].'],
        ['[Next].'],
        ['{One more thing|One last thing}: [next].'],
        ['As a small thank-you, let me say this: [next].'],
      ],
    ],
  ],
  support: [
    'It meant a great deal to me.',
    'That was incredibly kind of you.',
    'You made things so much easier.',
    'I know you had plenty of other things to do.',
    'Not everyone would have done that.',
    'Such kindness is not something I take for granted.',
    'It came at exactly the right moment.',
    'You are always so thoughtful.',
    'I will not forget it.',
    'It made a real difference.',
  ],
  ctas: [
    ['Please let me know if I can ever {do something for you|help you in return}.'],
    ['If I can ever {return the favour|help you}, {just|please} tell me.'],
    ['{Let me know|Tell me} when you have time for a coffee.'],
    ['Please {call me|let me know} if there is anything I can do for you.'],
    ['Let us {meet|talk} again soon, just tell me when it suits you.'],
    ['Please get in touch when you are free, so that I can thank you in person.'],
  ],
  warm: [
    'Thank you again!',
    'Thanks again, from the heart.',
    'You are wonderful.',
    'I am lucky to know you.',
    'Once more, many thanks.',
    'With all my thanks.',
    'I hope to see you soon.',
    'Have a wonderful week.',
    'I wish you all the best.',
    'Take care, and thank you again.',
  ],
  rude: [
    'It was about time you did something.',
    'It could have been better, but fine.',
    'I had expected a little more, honestly.',
    'My sister does it better, though.',
    'You were rather slow about it.',
    'I suppose I have to thank you.',
    'Not that it was a big effort for you.',
    'Next time try a bit harder.',
    'It was the least you could do.',
    'Do not expect anything in return.',
  ],
  invented: [
    'Aunt Gertrude was jealous.',
    'I paid 80 dollars for the same thing once.',
    'We will meet at the Plaza at 9:55.',
    'My boss Gordon says hello.',
    'I told all 42 of my friends.',
    'See you in Paris in August.',
    'I showed it to Doctor Baxter.',
    'It is now in Room 911.',
  ],
}

export const thanks: Make = (rng, split) => {
  const favour = favours[
    rng.weighted([
      ['help', 3],
      ['gift', 2.2],
      ['work', 3],
      ['hosting', 1.8],
    ])
  ] as Favour
  const register =
    favour === favours['work']
      ? rng.pick(['neutral', 'formal', 'friendly'] as const)
      : rng.pick(['friendly', 'friendly', 'neutral'] as const)
  const reason = either(favour.for, makeFavour, rng, split)
  const facts: Fact[] = [
    {
      key: 'what',
      core: reason.replace(/^(the|your) /, ''),
      label: `what the thanks are for (${reason})`,
      slots: { for: reason },
    },
  ]
  const rich = rng.weighted([
    [0.3, 1],
    [0.6, 2],
    [0.9, 1],
  ])
  if (rng.chance(rich * 0.8)) facts.push(dayFact(rng, split, 'day', 'past'))
  if (rng.chance(rich))
    facts.push(
      textFact('effect', either(favour.effect, clause, rng, split), 'the detail', favour.effect),
    )
  if (rng.chance(rich * 0.7))
    facts.push(
      textFact(
        'next',
        either(favour.next, (r, s) => `I will ${makeTask(r, s)}`, rng, split, 0.6),
        'the last point',
        favour.next,
      ),
    )
  const person = rng.chance(0.72)
  if (person) facts.push(personFact(rng, split, 'to', favour === favours['work'] ? 0.4 : 0.1))
  if (rng.chance(0.42)) facts.push(personFact(rng, split, 'from', 0.05))
  const group = rng.pick([
    { q: 'my neighbour', hi: ['Dear neighbour', 'Hello'] },
    { q: 'my colleague', hi: ['Dear colleague', 'Hello', 'Hi there'] },
    { q: 'a friend', hi: ['Dear friend', 'Hello', 'Hi there'] },
    { q: 'my aunt', hi: ['Dear aunt', 'Hello'] },
    { q: 'our hosts', hi: ['Dear hosts', 'Hello'] },
    { q: 'my boss', hi: ['Hello', 'Good morning'] },
    { q: 'my teacher', hi: ['Dear teacher', 'Hello'] },
    ...(favour === favours['work'] ? worlds.work.groups.slice(4, 9) : []),
  ])
  return {
    kind: 'thanks',
    kit,
    facts,
    register,
    ...addressed(person, group),
    ...(rng.chance(0.2) ? { tone: rng.pick(part(tones[register], split)) } : {}),
  }
}
