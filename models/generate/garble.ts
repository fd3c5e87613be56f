import { thing } from './compose.ts'
import type { Rng } from './random.ts'
import type { Fact } from './values.ts'

const vowels = ['a', 'e', 'i', 'o', 'u', 'ia', 'ea', 'ou']
const consonants = [
  'b',
  'c',
  'd',
  'f',
  'g',
  'h',
  'k',
  'l',
  'm',
  'n',
  'p',
  'r',
  's',
  't',
  'v',
  'w',
  'z',
  'th',
  'sh',
  'ck',
  'll',
  'nd',
  'rt',
  'st',
]

/** A word that begins like the right one and ends otherwise: how a small model miscopies. */
function slip(word: string, rng: Rng): string {
  for (;;) {
    const keep = rng.int(1, Math.max(1, Math.min(4, word.length - 2)))
    let out = word.slice(0, keep)
    const more = rng.int(1, 2)
    for (let i = 0; i < more; i++)
      out += /[aeiou]$/i.test(out)
        ? rng.pick(consonants) + rng.pick(vowels)
        : rng.pick(vowels) + rng.pick(consonants)
    if (
      out.toLowerCase() !== word.toLowerCase() &&
      !out.toLowerCase().startsWith(word.toLowerCase())
    )
      return out
  }
}

const digit = (text: string, rng: Rng) => {
  const places = [...text.matchAll(/\d/g)].map((match) => match.index)
  const at = rng.pick(places)
  const other = String((Number(text[at]) + rng.int(1, 8)) % 10)
  return text.slice(0, at) + other + text.slice(at + 1)
}

/** The fact with one detail miscopied; undefined where nothing can be changed. */
export function garble(fact: Fact, rng: Rng): Fact | undefined {
  const { core } = fact
  let wrong: string
  const list = core.split(' ')
  const long = list.flatMap((word, i) => (/^[A-Za-z]{4,}$/.test(word) ? [i] : []))
  if (/\d/.test(core) && rng.chance(0.7)) wrong = digit(core, rng)
  else if (long.length === 0) return undefined
  else {
    const i = rng.pick(long)
    const word = list[i] as string
    const next = [...list]
    const proper = /^[A-Z]/.test(word)
    const how = rng.next()
    if (!proper && how < 0.5) next[i] = thing(rng, 'train').split(' ').at(-1) as string
    else if (!proper && how < 0.65 && list.length > 2) next.splice(i, 1)
    else if (how < 0.75 && word.length > 5) next[i] = word.slice(0, rng.int(3, word.length - 2))
    else next[i] = slip(word, rng)
    wrong = next.join(' ')
  }
  if (
    wrong.toLowerCase() === core.toLowerCase() ||
    wrong.toLowerCase().includes(core.toLowerCase())
  )
    return undefined
  const slots = Object.fromEntries(
    Object.entries(fact.slots).map(([name, text]) => [name, text.split(core).join(wrong)]),
  )
  if (Object.values(slots).every((text, i) => text === Object.values(fact.slots)[i]))
    return undefined
  return { ...fact, core: wrong, slots }
}
