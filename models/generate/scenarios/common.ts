import type { Family } from '../scenario.ts'

/** Further sentences of a question that read alike for every kind of message. */
export const commonExtras: Readonly<Record<string, readonly string[]>> = {
  day: [
    'It {is|takes place} [day].',
    'The date is [dayN].',
    'When: [dayN].',
    '{Mention|Include} the day: [dayN].',
    'Day: [dayN].',
  ],
  time: [
    'It {starts|begins} [timeAt].',
    'It runs [timeFrom].',
    'The time is [timeN].',
    'Time: [timeN].',
    '{Mention|Include} the time, [timeN].',
  ],
  place: [
    'It {is|takes place} [place].',
    'We {meet|will meet} [place].',
    'Place: [placeN].',
    'The place is [placeN].',
    'Say that it is [place].',
  ],
  bring: [
    '{Ask them to|They should|They need to|Tell them to} bring [bringQ].',
    '{Mention|Add|Say} that they should bring [bringQ].',
    'Remind them to bring [bringQ].',
    'They must not forget [bringQ].',
    'Bring: [bringQ].',
  ],
  why: [
    'The {aim|goal|purpose} is to [why].',
    'We want to [why].',
    'It is to [why].',
    'Mention that we want to [why].',
  ],
  rsvp: [
    '{They should|Ask them to|Please ask them to} {reply|answer|confirm} [rsvpBy].',
    'I need an answer [rsvpBy].',
    'Replies {are due|should come} [rsvpBy].',
    'RSVP [rsvpBy].',
    'Ask for a reply [rsvpBy].',
  ],
  note: [
    '{Mention|Add|Say|Also say} that [note].',
    'Also, [note].',
    'Please include that [note].',
    '{Note that|Important:} [note].',
  ],
  contact: [
    '{For questions|With questions}, they {can|should} [contact].',
    'Anyone with questions should [contact].',
    'Say that people with questions can [contact].',
    'Questions: [contact].',
  ],
  from: [
    '{Sign it as|Sign it from|Sign as|Sign off as} [from].',
    "{It is|It's} from [from].",
    'My name is [from].',
    'The sender is [from].',
    'I am [from].',
    'Sender: [from].',
    'Put [from] at the end.',
  ],
  to: [
    'It {is|goes} to [to].',
    '{It is for|This is for} [to].',
    'Address it to [to].',
    'The reader is [to].',
    'Recipient: [to].',
  ],
  tone: [
    '{Keep it|Make it|Keep the tone|It should be|It should sound} [tone].',
    'The tone should be [tone].',
    'Please be [tone].',
    'Tone: [tone].',
    '[Tone], please.',
    'Use a [tone] tone.',
  ],
  size: [
    'Keep it short.',
    'Keep it brief, please.',
    'Not too long.',
    'A few sentences are enough.',
    'Make it short and clear.',
    'Short, please.',
  ],
}

export const noteFamilies: readonly Family[] = [
  ['Please note that [note].'],
  ['{Also|In addition}, [note].'],
  ['{Good to know|One more thing|For your information}: [note].'],
  ['{Please also note|Please keep in mind|I should add} that [note].'],
]
export const contactFamilies: readonly Family[] = [
  [
    '{If you have any questions|If you have questions|If anything is unclear|Should you have any questions}, please [contact].',
  ],
  ['{For questions|For any questions|For more information}, please [contact].'],
  ['{Questions?|Any questions?} Please [contact].'],
]

export const commonTail: readonly (readonly [string, readonly Family[]])[] = [
  ['note', noteFamilies],
  ['contact', contactFamilies],
]
