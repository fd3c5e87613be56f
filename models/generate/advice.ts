import type { Brief, Traits } from './grade.ts'
import { named, type Item } from './critique.ts'
import type { Rng } from './random.ts'
import { spin } from './spin.ts'

const change: Readonly<Record<Item, readonly string[]>> = {
  broken: [
    '{Write a complete message|Start afresh with a complete message} {about|for} [what]',
    'Replace the text with a complete message about [what]',
  ],
  wrong: [
    'Correct the facts: use [wrong]',
    'Use [wrong], exactly as in the request',
    'Replace the wrong detail with [wrong]',
  ],
  missing: ['Add [missing]', '{Mention|Include|State} [missing]', 'Put in [missing]'],
  invented: [
    '{Remove|Delete|Cut} the detail that is not in the request',
    'Take out what was invented',
  ],
  tone: [
    '{Remove|Cut|Delete} the {rude|unfriendly} remark and stay polite',
    'Make the tone polite: drop the unfriendly sentence',
  ],
  cta: [
    '{Add|Include} a clear next step for the reader',
    '{End with|Add} a sentence that says what the reader should do',
    'Ask the reader {for a short reply|to let you know}',
  ],
  long: [
    '{Cut|Delete|Remove} the {empty|filler} sentences',
    'Shorten it: drop the sentences that say nothing',
  ],
  short: [
    'Add a sentence or two so that it {reads|feels} complete',
    'Make it a little fuller, without new facts',
  ],
  purpose: [
    '{Start|Open} with the purpose and {cut|drop} the small talk',
    'Put the purpose in the first sentence and remove the small talk before it',
  ],
  placeholder: [
    '{Remove|Delete} the placeholder in brackets',
    'Replace the bracketed placeholder with [who]',
  ],
  greeting: ['{Start with|Add|Open with} [hello]'],
  signoff: ['{End with|Add|Close with} [bye]'],
  structure: [
    '{Break the text into|Use|Set it in} {short paragraphs|paragraphs}',
    'Put the greeting, the message and the sign-off in paragraphs of their own',
  ],
  warm: ['{Add|End with} a warm closing sentence', 'Add one friendly sentence at the end'],
}

const cap = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

function words(item: Item, brief: Brief, t: Traits, rng: Rng): string {
  const core = (key: string) => brief.facts.find((fact) => fact.key === key)?.core
  const to = core('to')
  const from = core('from')
  return spin(rng.pick(change[item]), rng)
    .replace('[missing]', named(brief, t.missing))
    .replace('[wrong]', named(brief, t.wrong))
    .replace('[what]', core('what') ?? 'the request')
    .replace(
      '[hello]',
      to === undefined
        ? rng.pick(['a greeting', 'a short greeting'])
        : rng.pick([`a greeting to ${to}`, `a greeting such as “Dear ${to},”`]),
    )
    .replace(
      '[bye]',
      from === undefined
        ? rng.pick(['a sign-off', 'a closing line such as “Best regards”'])
        : rng.pick([`a sign-off from ${from}`, `a sign-off with the name ${from}`]),
    )
    .replace('[who]', from ?? 'nothing, since no name is known')
}

const keepNotes = [
  'Keep the rest as it is.',
  'Keep everything else.',
  'Leave the rest unchanged.',
  'The rest can stay.',
  'Keep all other facts and sentences.',
  '',
]
const noChange = [
  'Keep the answer as it is; every fact is there.',
  'No change is needed. Keep all facts and the structure.',
  'Leave the text as it is.',
  'Nothing has to change; keep the facts, the tone and the order.',
]

/** The textual gradient for these weak points. */
export function advise(brief: Brief, chosen: Traits, items: readonly Item[], rng: Rng): string {
  if (items.length === 0) return rng.pick(noChange)
  const said = items.map((item) => words(item, brief, chosen, rng))
  const keep = rng.pick(keepNotes)
  const style = rng.int(0, 2)
  if (style === 0)
    return [...said.map((text, i) => `${i + 1}. ${text}.`), ...(keep === '' ? [] : [keep])].join(
      '\n',
    )
  if (style === 1)
    return [
      ...said.map((text) => `- ${text}.`),
      ...(keep === '' ? [] : [rng.chance(0.5) ? `- ${keep}` : keep]),
    ].join('\n')
  const firsts = ['First, ', 'Then ', 'Finally, ']
  const flow =
    said.length === 1
      ? `${said[0]}.`
      : rng.chance(0.5)
        ? said.map((text) => `${cap(text)}.`).join(' ')
        : said
            .map(
              (text, i) =>
                `${firsts[i] ?? 'Also '}${text.charAt(0).toLowerCase()}${text.slice(1)}.`,
            )
            .join(' ')
  return `${flow} ${keep}`.trim()
}
