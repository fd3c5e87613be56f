import type { Rng } from '../random.ts'
import { weekdays, months } from '../values.ts'

/** How people really ask. [lead] is the lead, [noun] what to write, [mark] the lead's end mark. */
export const leads: readonly (readonly [string, string])[] = [
  ['Can you write', '?'],
  ['Could you write', '?'],
  ['Please write', '.'],
  ['Please draft', '.'],
  ['Write', '.'],
  ['Write me', '.'],
  ['Hey, can you write', '?'],
  ['Hi, can you help me write', '?'],
  ['Help me write', '.'],
  ['I need', '.'],
  ['I need you to write', '.'],
  ['Can you draft', '?'],
  ['Could you please draft', '?'],
  ["I'd like you to write", '.'],
  ['Would you please write', '?'],
  ['Can you come up with', '?'],
  ['Quick one: write', '.'],
  ['Please help me with', '.'],
  ['I want to send', '.'],
  ['hey can u write', ''],
  ['pls write', ''],
  ['need', ''],
  ['can you pls write', ''],
  ['Draft', '.'],
  ['I have to write', '.'],
  ['Could you help me write', '?'],
]
export const nouns = [
  'a note',
  'an email',
  'a text',
  'a short message',
  'a short email',
  'a quick text',
  'a message',
  'a letter',
  'a quick note',
  'a short note',
  'a nice message',
  'a few lines',
  'a text message',
]
const because = '< because [whyQ]>< because of [whyOf]>'
const people = '[aud]'

export const asks = {
  request: [
    `[lead] [noun] to ${people} asking for [askN]< [day]>${because}[mark]`,
    `[lead] [noun] to ${people} {asking|to ask} [her] for [askN]< [day]>${because}[mark]`,
    `[lead] [noun] asking ${people} for [askN]< [day]>${because}[mark]`,
    `I {want|need|would like} to ask ${people} for [askN]< [day]>${because}. {Can you help me?|Please write it.|What should I write?|Help me word it}`,
    `Ask ${people} for [askN]< [day]>${because}.`,
    `{How do I|How can I|how do i} ask ${people} for [askN]< [day]>?`,
    `{email|text|message|note} to ${people}, {asking|ask} for [askN]< [day]>${because}`,
    `I need [askN] from ${people}< [day]>. [lead] [noun][mark]`,
    `[lead] [noun] asking ${people} {if|whether} [she] {could|can} [askQ]< [dayBy]>${because}[mark]`,
    `[lead] [noun] to ${people} asking {if|whether} [she] {could|would} [askQ]< [dayBy]>${because}[mark]`,
    `[lead] [noun] to ask ${people} to [askQ]< [dayBy]>${because}[mark]`,
    `Ask ${people} to [askQ]< [dayBy]>${because}.`,
    `I {want|need|would like} ${people} to [askQ]< [dayBy]>${because}. {Can you help me ask?|Please write it.|What should I write?|Help me word it}`,
    `{email|text|message|note} to ${people}, please ask [her] to [askQ]< [dayBy]>${because}`,
    `{How do I|How can I|how do i} politely ask ${people} to [askQ]< [dayBy]>?`,
    `{email|text|message} to ${people}: please [askQ]< [dayBy]>${because}`,
    `Could you ask ${people} whether [she] can [askQ]< [dayBy]>?`,
    `I was going to ask ${people} to [askQ]< [dayBy]>. [lead] [noun][mark]`,
  ],
  fix: [
    `{email|text|message|note|letter} to ${people}, {the |my |our |}[prob]<[since]>, {please|can they please} fix {asap|it asap|it|it soon}`,
    `{Email|Text|Message} to ${people}: [prob]<[since]>, {please fix it|needs to be fixed|fix it please}.`,
    `[lead] [noun] to ${people} because the [prob]<[since]>. {It needs to be fixed|I want it fixed|Ask [her] to fix it}.`,
    `{The|My|Our|the} [prob]<[since]>. [lead] [noun] to ${people} asking [her] to fix it[mark]`,
    `My [prob]<[since]>. {Ask|Please ask} ${people} to fix it.`,
    `Tell ${people} that the [prob]<[since]> and {has to be fixed|needs to be fixed|ask for a repair}.`,
    `[lead] [noun] to ${people}, the [prob]<[since]>, ask [her] to fix it[mark]`,
    `[prob]<[since]>, {need|write} an email to ${people} to get it fixed`,
    `Our [prob]<[since]>. How do I ask ${people} to fix it?`,
  ],
  thanks: [
    `I {want|would like|need} to thank ${people} for [forQ]< [day]>. {Can you help?|Write it please.|What should I write?|Please write a card.}`,
    `I want to thank ${people} for [forQ]< [day]>`,
    `[lead] [noun] {thanking|to thank} ${people} for [forQ]< [day]>[mark]`,
    `[lead] a {thank-you note|thank you card|thank you message|thank you text} {for|to} ${people} for [forQ]< [day]>[mark]`,
    `{thank you note|Thank you note|thank you text|thanks} to ${people} for [forQ]< [day]>`,
    `Say thanks to ${people} for [forQ]< [day]>.`,
    `{Thank|Please thank|pls thank} ${people} for [forQ]< [day]>.`,
    `[lead] something nice for ${people}, I want to thank [her] for [forQ]< [day]>[mark]`,
    `{How do I|How can I|how do i} thank ${people} for [forQ]< [day]>?`,
    `[lead] [noun] to ${people} saying {thanks|thank you} for [forQ]< [day]>[mark]`,
    `[lead] [noun] telling ${people} how much I appreciate [forQ]< [day]>[mark]`,
    `I really appreciated [forQ]< [day]> and want to tell ${people}. [lead] [noun][mark]`,
  ],
  apology: [
    `[lead] an apology to ${people} for [forQ]< [day]>${because}[mark]`,
    `[lead] {an apology email|an apology note|a short apology|a sincere apology} to ${people} for [forQ]< [day]>[mark]`,
    `[lead] [noun] {apologizing|to apologize} to ${people} for [forQ]< [day]>[mark]`,
    `I {need|want|have} to {apologize|say sorry} to ${people} for [forQ]< [day]>. {Can you help?|What do I write?|Please write it.|Help me}`,
    `{How do I|How can I|how do i} apologize to ${people} for [forQ]< [day]>?`,
    `I feel {terrible|awful|bad} about [forQ]< [day]>. [lead] [noun] to ${people}[mark]`,
    `{sorry note|apology|Apology|sorry text} to ${people} for [forQ]< [day]>`,
    `Tell ${people} I'm sorry for [forQ]< [day]>.`,
    `Apologize to ${people} for [forQ]< [day]>.`,
    `{Please say sorry|pls say sorry|Say sorry} to ${people} for [forQ]< [day]>`,
    `[lead] [noun] saying sorry to ${people} for [forQ]< [day]>[mark]`,
    `I owe ${people} an apology for [forQ]< [day]>. [lead] it[mark]`,
  ],
  news: [
    `[lead] [noun] {telling|informing} ${people} that [newsQ]< [day]>< [time]>${because}[mark]`,
    `[lead] [noun] to ${people} {telling [her]|saying|to say} that [newsQ]< [day]>< [time]>${because}[mark]`,
    `[lead] [noun] to ${people} letting [her] know that [newsQ]< [day]>< [time]>${because}[mark]`,
    `[lead] [noun] letting ${people} know [newsQ]< [day]>< [time]>${because}[mark]`,
    `{Tell|Please tell|pls tell} ${people} {that |}[newsQ]< [day]>< [time]>${because}.`,
    `Let ${people} know {that |}[newsQ]< [day]>< [time]>${because}.`,
    `I {need|have|want} to {tell|inform} ${people} that [newsQ]< [day]>< [time]>${because}. {Can you write it?|What should I say?|Help me write it}`,
    `{text|email|message|note} to ${people}: [newsQ]< [day]>< [time]>${because}`,
    `{email|note|text} to ${people}, [newsQ]< [day]>< [time]>${because}, thanks`,
    `{How do I|How should I|how do i} tell ${people} that [newsQ]< [day]>${because}?`,
    `{Text|Email|Message} ${people} that [newsQ]< [day]>< [time]>${because}.`,
    `[NewsQ]< [day]>< [time]>${because}. [lead] [noun] to {tell|inform} ${people}[mark]`,
  ],
  notice: [
    `[lead] {an announcement|a short announcement|a notice|a short notice|a sign|a quick announcement} that [newsQ]< [day]>< [time]>${because}[mark]`,
    `[lead] {an announcement|a short announcement|a notice}: [newsQ]< [day]>< [time]>${because}[mark]`,
    `{announcement|notice|short notice|Announcement}: [newsQ]< [day]>< [time]>${because}`,
    `[NewsQ]< [day]>< [time]>${because}. [lead] {an announcement|a short notice}[mark]`,
    `Announce that [newsQ]< [day]>< [time]>${because}.`,
    `We need to announce that [newsQ]< [day]>< [time]>${because}. {Can you write it?|Please write it.}`,
    `[lead] {a post|a sign|a notice} saying that [newsQ]< [day]>< [time]>${because}[mark]`,
    `{Write|Make|make} a {sign|notice} for the door, [newsQ]< [day]>< [time]>${because}`,
  ],
  reminder: [
    `[lead] [noun] {reminding|to remind} ${people} about [what]< [day]>< [time]>< [place]>[mark]`,
    `{Remind|Please remind|pls remind} ${people} about [what]< [day]>< [time]>< [place]>.`,
    `{Remind|Please remind} ${people} that [what] is [day]< [time]>< [place]>.`,
    `[lead] [noun] to ${people} so [she] {won't|will not} forget [what]< [day]>< [time]>< [place]>[mark]`,
    `{reminder|Reminder|reminder text} to ${people}: [whatN]< [day]>< [time]>< [place]>`,
    `I {need|want} to remind ${people} about [what]< [day]>< [time]>< [place]>. {Help me|Can you write it?|Write it please}`,
    `[lead] a {quick|friendly|gentle} reminder to ${people} about [what]< [day]>< [time]>< [place]>[mark]`,
    `[What] is [day]< [time]>< [place]>, {remind|please remind} ${people}`,
    `Make sure ${people} remembers [what]< [day]>< [time]>< [place]>. [lead] [noun][mark]`,
  ],
  chore: [
    `[lead] [noun] {reminding|to remind} ${people} to [taskQ]< [dayBy]>${because}[mark]`,
    `{Remind|Please remind|pls remind} ${people} to [taskQ]< [dayBy]>${because}.`,
    `[lead] a {friendly|gentle|quick|polite} reminder {for|to} ${people} to [taskQ]< [dayBy]>${because}[mark]`,
    `I {need|want|have} to remind ${people} to [taskQ]< [dayBy]>${because}. {Help me|Can you write it?|Write it please}`,
    `{reminder|Reminder|text} to ${people}: [taskQ]< [dayBy]>${because}`,
    `{How do I|how do i|How can I} remind ${people} to [taskQ]< [dayBy]> without being rude?`,
    `[lead] [noun] to ${people}, [she] {must not forget|should not forget|should remember} to [taskQ]< [dayBy]>[mark]`,
    `Tell ${people} not to forget to [taskQ]< [dayBy]>${because}.`,
    `[lead] [noun] to ${people} to remember to [taskQ]< [dayBy]>[mark]`,
  ],
  invitation: [
    `[lead] [noun] inviting ${people} to [what]< [day]>< [time]>< [place]>[mark]`,
    `{Invite|Please invite|pls invite} ${people} to [what]< [day]>< [time]>< [place]>.`,
    `[lead] an {invite|invitation} {for|to} ${people} to [what]< [day]>< [time]>< [place]>[mark]`,
    `Ask ${people} if [she] {would like to come|can come} to [what]< [day]>< [time]>< [place]>.`,
    `{I want|I would like|I'd love} to invite ${people} to [what]< [day]>< [time]>< [place]>. {Help me|Can you write it?|Write it please}`,
    `{invite|invitation|Invite} {for|to} ${people}: [whatN]< [day]>< [time]>< [place]>`,
    `We are having [whatA]< [day]>< [time]>< [place]>. {Invite|Please invite} ${people}.`,
    `I'm throwing [whatA]< [day]>< [time]>< [place]>, {invite|write an invite for} ${people}`,
    `[lead] [noun] to ${people} asking [her] to come to [what]< [day]>< [time]>< [place]>[mark]`,
    `{How do I|how do i} invite ${people} to [what]< [day]>< [time]>< [place]>?`,
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>
export type FreeKind = keyof typeof asks

/** Further sentences of a free question; for other facts the kit's own are used. */
export const extras: Readonly<Record<string, readonly string[]>> = {
  why: [
    "It's because [whyQ].",
    'The reason is that [whyQ].',
    'Because [whyQ].',
    '[WhyQ].',
    'Say that [whyQ].',
    'The reason is [whyOf].',
    "It's because of [whyOf].",
    'Because of [whyOf].',
    'Reason: [whyOf].',
  ],
  from: [
    'My name is [from].',
    'Sign it [from].',
    'Sign with [from].',
    'From [from].',
    "I'm [from].",
    'Sign my name, [from].',
    'Signed, [from].',
    'It should be signed by [from].',
  ],
}

/** Typed in a hurry: lower case, short forms, no full stop. Names and facts stay readable. */
export function chat(text: string, rng: Rng): string {
  let out = text
  const lowerFirst = () => {
    if (!/^I\b|^[A-Z][a-z]+ (is|will)/.test(out)) out = out.charAt(0).toLowerCase() + out.slice(1)
  }
  if (rng.chance(0.3)) {
    lowerFirst()
    if (rng.chance(0.6)) out = out.replace(/[.?]$/, '')
    if (rng.chance(0.5))
      for (const day of [...weekdays, ...months])
        out = out.replace(new RegExp(`\\b${day}\\b`, 'g'), day.toLowerCase())
    if (rng.chance(0.4))
      out = out
        .replace(/\b[Pp]lease\b/g, rng.pick(['pls', 'plz', 'please']))
        .replace(/^([Cc])(an|ould) you\b/, (_, c: string, rest: string) => `${c}${rest} u`)
    if (rng.chance(0.12)) out = out.replace(/\bI('m)?\b/g, (m) => m.toLowerCase())
  } else if (rng.chance(0.25)) out = out.replace(/[.]$/, '')
  if (rng.chance(0.06))
    out = `${out.replace(/[.?]?$/, (m) => m || '.')}${rng.pick([' Thanks!', ' Thank you!', ' thx', ' Thanks in advance.', ' ty'])}`
  if (rng.chance(0.06) && !/^(hey|hi)/i.test(out))
    out = `${rng.pick(['Hi! ', 'Hello, ', 'hey, ', 'Hey! ', 'Hi there, '])}${out}`
  return out
}
