import { either, item, strange } from './compose.ts'
import type { Rng } from './random.ts'
import { isHeld, part, type Split } from './split.ts'

/**
 * One fact of a request. `core` is what must stand in an answer (letter case aside), `slots` are
 * the forms the templates use (`day` → "on Friday", `dayN` → "Friday"), `label` names the fact in
 * a critique, `again` draws another value of the same sort (for answers that get it wrong).
 */
export interface Fact {
  readonly key: string
  readonly core: string
  readonly label: string
  readonly slots: Readonly<Record<string, string>>
  readonly again?: (rng: Rng) => Fact
}

const words = (text: string) => text.trim().split(/\s*[,\n]\s*/)

export const firstNames = words(`
Maria, Tom, Nora, Lukas, Priya, Ahmed, Sofia, Daniel, Mei, Carlos, Anna, Peter, Fatima, Jonas, Elena, David, Aisha, Marco, Hannah, Oliver,
Yuki, Samuel, Ingrid, Mateo, Leila, George, Chloe, Rahul, Emma, Viktor, Grace, Omar, Julia, Kofi, Laura, Henrik, Zoe, Diego, Clara, Ivan,
Amara, Felix, Rosa, Nikhil, Alice, Bruno, Ines, Kenji, Martha, Paolo, Ruth, Tariq, Vera, Will, Yasmin, Adam, Bianca, Colin, Dana, Erik,
Farah, Gavin, Helen, Igor, Jana, Karim, Lena, Milan, Nadia, Oscar, Paula, Quentin, Rita, Simon, Tessa, Ugo, Valerie, Wendy, Xavier, Yvonne,
Zach, Abby, Ben, Cora, Dylan, Esther, Frank, Gina, Hugo, Iris, Jack, Kate, Leo, Mona, Nick, Olga, Pablo, Renee, Stefan, Tara,
Uma, Vince, Walter, Ximena, Yara, Arjun, Beth, Cyrus, Dora, Emil, Freya, Gloria, Hassan, Imogen, Joel, Kira, Liam, Miriam, Noah, Opal,
Pia, Raj, Sven, Thea, Ursula, Vikram, Wanda, Yusuf, Alma, Boris, Cecilia, Dmitri, Edith, Fiona, Gustav, Heidi, Isaac, Jasmine, Kurt, Lydia,
Malik, Nina, Otto, Petra, Rafael, Sabine, Theo, Ulrich, Violet, Winston, Zainab, Andre, Brenda, Caleb, Delia, Elliot, Flora, Gareth, Hilda, Ismail,
Joan, Keiko, Luis, Mandy, Nathan, Odette, Philip, Ramona, Sean, Trudy, Victor, Whitney, Astrid, Bilal, Camille, Dario, Eleanor, Faisal, Greta, Howard,
Ivy, Jorge, Kamal, Lucy, Marta, Neil, Olivia, Percy, Rosalind, Stella, Toby, Una, Vincent, Wren, Zora, Anton, Becca, Chen, Dina, Ethan
`)

export const surnames = words(`
Okafor, Lindqvist, Park, Moreau, Schmidt, Patel, Rossi, Novak, Tanaka, Garcia, Murphy, Haddad, Kowalski, Silva, Jensen, Costa, Weber, Nguyen, Brown, Ivanova,
Fischer, Larsen, Khan, Dubois, Marino, Clarke, Osei, Hughes, Vargas, Keller, Reid, Sato, Bauer, Mendes, Doyle, Farouk, Grant, Holm, Iqbal, Jansen,
Kaur, Lopez, Mbeki, Nolan, Ortega, Quinn, Ramos, Singh, Turner, Ueda, Vogel, Walsh, Young, Zimmer, Ashworth, Bennett, Carver, Delgado, Ellison, Forsyth,
Greene, Hartley, Ingram, Jacobs, Kimura, Lang, Maddox, Nielsen, Oakley, Pereira, Rahman, Sanders, Thornton, Underwood, Vance, Whitaker, Yilmaz, Abbott, Becker, Castillo
`)

/** A made-up name: training on some of these teaches copying instead of remembering. */
function inventedName(rng: Rng, split: Split): string {
  if (rng.chance(0.6)) return strange(rng, split, true)
  const on = [
    'B',
    'Br',
    'C',
    'D',
    'Dr',
    'F',
    'G',
    'H',
    'J',
    'K',
    'Kl',
    'L',
    'M',
    'N',
    'P',
    'R',
    'S',
    'St',
    'T',
    'Tr',
    'V',
    'W',
    'Y',
    'Z',
    'Sh',
    'Th',
  ]
  const mid = ['a', 'e', 'i', 'o', 'u', 'a', 'e', 'i', 'o', 'ei', 'ee']
  const con = [
    'b',
    'd',
    'f',
    'g',
    'k',
    'l',
    'll',
    'm',
    'n',
    'nd',
    'r',
    'rr',
    's',
    'ss',
    't',
    'v',
    'z',
    'lm',
    'rt',
    'st',
  ]
  const end = ['a', 'e', 'o', 'in', 'an', 'el', 'is', 'on', 'er', 'ie', 'us', 'ina', 'ett', 'ur']
  for (;;) {
    let name = rng.pick(on) + rng.pick(mid)
    if (rng.chance(0.25))
      name +=
        rng.pick(['b', 'd', 'l', 'm', 'n', 'r', 's', 't', 'v']) + rng.pick(['a', 'e', 'i', 'o'])
    name += rng.pick(con) + rng.pick(end)
    if (isHeld(name) === (split === 'held')) return name
  }
}

export function firstName(rng: Rng, split: Split): string {
  return rng.chance(0.45) ? inventedName(rng, split) : rng.pick(part(firstNames, split))
}

export function surname(rng: Rng, split: Split): string {
  return rng.chance(0.45) ? inventedName(rng, split) : rng.pick(part(surnames, split))
}

/** Draws until the text lies on the right side of the split. */
function combined(split: Split, draw: () => string): string {
  for (let tries = 0; ; tries++) {
    const text = draw()
    if (tries > 60 || isHeld(text) === (split === 'held')) return text
  }
}

const different =
  (make: (rng: Rng) => Fact, core: string) =>
  (rng: Rng): Fact => {
    for (let tries = 0; ; tries++) {
      const fact = make(rng)
      const a = fact.core.toLowerCase()
      const b = core.toLowerCase()
      if (tries > 200) return fact
      if (!a.includes(b) && !b.includes(a)) return fact
    }
  }

export const weekdays = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
]
export const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const ordinal = (n: number) =>
  `${n}${n % 10 === 1 && n !== 11 ? 'st' : n % 10 === 2 && n !== 12 ? 'nd' : n % 10 === 3 && n !== 13 ? 'rd' : 'th'}`

export type DayStyle = 'future' | 'past' | 'deadline'

/** A day: slots KEY ("on Friday"), KEYN ("Friday"), KEYP ("Friday's", where English has it), KEYBy ("by Friday"). */
export function dayFact(
  rng: Rng,
  split: Split,
  key = 'day',
  style: DayStyle = 'future',
  label = 'day',
): Fact {
  const make = (r: Rng): Fact => {
    const weekday = r.pick(weekdays)
    const date = combined(split, () => {
      const month = r.pick(months)
      const n = r.int(1, 28)
      return r.weighted([
        [`${n} ${month}`, 3],
        [`${month} ${n}`, 3],
        [`the ${ordinal(n)} of ${month}`, 1],
      ])
    })
    const [name, on, whose] = r.weighted<[string, string, string?]>(
      style === 'past'
        ? [
            [['yesterday', 'yesterday', "yesterday's"], 2],
            [['last night', 'last night', "last night's"], 0.6],
            [[`last ${weekday}`, `last ${weekday}`, `last ${weekday}'s`], 2],
            [[weekday, `on ${weekday}`, `${weekday}'s`], 2.5],
            [['this morning', 'this morning', "this morning's"], 0.6],
            [['last week', 'last week', "last week's"], 0.6],
            [[`${weekday} evening`, `on ${weekday} evening`], 0.7],
            [[date, `on ${date}`], 1.2],
            [['last weekend', 'last weekend', "last weekend's"], 0.5],
          ]
        : [
            [[weekday, `on ${weekday}`, `${weekday}'s`], 4],
            [['tomorrow', 'tomorrow', "tomorrow's"], 1],
            [[`next ${weekday}`, `next ${weekday}`, `next ${weekday}'s`], 1.2],
            [[`this ${weekday}`, `this ${weekday}`, `this ${weekday}'s`], 0.9],
            [[date, `on ${date}`], 2.4],
            [[`${weekday}, ${date}`, `on ${weekday}, ${date}`], 0.9],
            ...(style === 'future'
              ? ([
                  [[`${weekday} ${'morning'}`, `on ${weekday} morning`], 0.35],
                  [[`${weekday} evening`, `on ${weekday} evening`], 0.35],
                  [['tonight', 'tonight', "tonight's"], 0.15],
                  [['this weekend', 'this weekend', "this weekend's"], 0.15],
                ] as [[string, string, string?], number][])
              : ([
                  [['the end of the week', 'at the end of the week'], 0.4],
                  [['the end of the month', 'at the end of the month'], 0.3],
                ] as [[string, string, string?], number][])),
          ],
    )
    const slots: Record<string, string> = {
      [key]: on,
      [`${key}N`]: name,
      [`${key}By`]: `by ${name}`,
    }
    if (whose !== undefined) slots[`${key}P`] = whose
    const core = name.replace(/^this (?=[A-Z])/, '')
    return { key, core, label: `the ${label} (${name})`, slots }
  }
  const fact = make(rng)
  return { ...fact, again: different(make, fact.core) }
}

/** A time: slots KEY ("at 3 pm", "from 9 to 11 am"), KEYAt or KEYFrom (the one it is) and KEYN ("3 pm"). */
export function timeFact(rng: Rng, key = 'time', early = 8, late = 20): Fact {
  const make = (r: Rng): Fact => {
    const hour = r.int(early, late)
    const h12 = hour > 12 ? hour - 12 : hour
    const half = hour >= 12 ? 'pm' : 'am'
    const minute = r.weighted([
      ['00', 5],
      ['30', 3],
      ['15', 1],
      ['45', 1],
      ['20', 0.4],
      ['10', 0.4],
      ['40', 0.3],
    ])
    const end = Math.min(hour + r.int(1, 3), 22)
    const e12 = end > 12 ? end - 12 : end
    const eHalf = end >= 12 ? 'pm' : 'am'
    const clock = minute === '00' ? `${h12}` : `${h12}:${minute}`
    const [name, at] = r.weighted<[string, string]>([
      [[`${clock} ${half}`, `at ${clock} ${half}`], 6],
      [[`${hour}:${minute}`, `at ${hour}:${minute}`], 1.6],
      [[`${clock}${half}`, `at ${clock}${half}`], 0.8],
      [
        half === eHalf
          ? [`${clock} to ${e12} ${eHalf}`, `from ${clock} to ${e12} ${eHalf}`]
          : [`${clock} ${half} to ${e12} ${eHalf}`, `from ${clock} ${half} to ${e12} ${eHalf}`],
        1.4,
      ],
      [['noon', 'at noon'], early <= 12 ? 0.35 : 0],
      [[`${h12} o'clock`, `at ${h12} o'clock`], 0.4],
    ])
    const range = at.startsWith('from ')
    return {
      key,
      core: name,
      label: `the time (${name})`,
      slots: { [key]: at, [`${key}N`]: name, [range ? `${key}From` : `${key}At`]: at },
    }
  }
  const fact = make(rng)
  return { ...fact, again: different(make, fact.core) }
}

export type PlaceSort = 'work' | 'social' | 'community' | 'school' | 'clinic'

const streets = (rng: Rng, split: Split) =>
  combined(
    split,
    () =>
      `${rng.chance(0.25) ? strange(rng, split, true) : rng.pick(words('Oak, Maple, Mill, Station, High, Church, Park, River, Elm, Castle, Garden, King, Queen, Harbour, Market, Bridge, Victoria, Linden, Cedar, Hill, Meadow, School, Spring, Abbey, Forest, Lake, North, South, Chestnut, Rose'))} ${rng.pick(['Street', 'Street', 'Road', 'Lane', 'Avenue', 'Square'])}`,
  )

const inn = (text: string): [string, string] => ['in', text]
const at = (text: string): [string, string] => ['at', text]
const on = (text: string): [string, string] => ['on', text]

/** A place: slots KEY ("in Room 204") and KEYN ("Room 204"). */
export function placeFact(rng: Rng, split: Split, sort: PlaceSort, key = 'place'): Fact {
  const make = (r: Rng): Fact => {
    const street = () => streets(r, split)
    const name = () =>
      r.chance(0.3)
        ? strange(r, split, true)
        : combined(split, () =>
            r.pick(
              words(
                'Riverside, Lakeside, Hillcrest, Ashford, Brookfield, Kingsley, Westgate, Northfield, Fairview, Elmwood, Stonebridge, Harbour, Greenway, Oakdale, Summit, Willow, Birch, Jubilee, Central, Eastwood, Marlow, Linton, Orchard, Beacon, Sterling, Aspen, Juniper, Meridian, Aurora, Cobalt, Falcon, Heron, Kestrel, Magnolia, Poplar',
              ),
            ),
          )
    const room = () =>
      r.weighted([
        [`Room ${r.int(1, 9)}${String(r.int(1, 40)).padStart(2, '0')}`, 3],
        [`Room ${r.int(1, 40)}`, 2],
        [`Room ${r.pick(words('A, B, C, D, E, F'))}${r.int(1, 20)}`, 1],
        [`Meeting Room ${r.int(1, 12)}`, 1.5],
        [`Hall ${r.int(1, 9)}`, 0.6],
        [`the ${name()} Room`, 2],
      ])
    const venue = () =>
      combined(
        split,
        () =>
          `the ${r.pick(words('Blue, Golden, Old, Red, Silver, Green, White, Black, Copper, Little, Royal, Crooked'))} ${r.pick(words('Lantern, Kettle, Oak, Lion, Swan, Anchor, Teapot, Fig, Harvest, Bell, Fox, Table, Spoon, Olive, Barrel, Heron'))}`,
      )
    const choices: Record<PlaceSort, [() => [string, string], number][]> = {
      work: [
        [() => inn(room()), 5],
        [
          () =>
            inn(
              r.pick([
                'the main conference room',
                'the large meeting room',
                'the staff room',
                'the training room',
                'the canteen',
                'the boardroom',
                'the break room',
              ]),
            ),
          2,
        ],
        [() => inn(`the ${name()} Building`), 1],
        [() => at(`our ${r.pick([name(), street()])} office`), 1],
        [() => on(r.pick(['Zoom', 'Teams', 'Google Meet'])), 1.2],
        [() => on(`the ${ordinal(r.int(2, 9))} floor`), 1],
        [() => at(`the training centre on ${street()}`), 0.7],
      ],
      social: [
        [() => at(r.pick(['my place', 'our house', 'my flat', 'our place'])), 1.6],
        [() => at(`${r.int(2, 98)} ${street()}`), 2],
        [() => at(`Café ${name()}`), 1.2],
        [() => at(venue()), 2.4],
        [() => inn(`${name()} Park`), 1.4],
        [() => at(`${firstName(r, split)}'s house`), 1],
        [() => inn(r.pick(['our garden', 'the back garden'])), 0.6],
        [() => at(`the picnic area by ${name()} Lake`), 0.6],
      ],
      community: [
        [() => at(`the community centre on ${street()}`), 2],
        [() => at(`the ${name()} library`), 1.2],
        [
          () =>
            inn(
              r.pick([
                'the town hall',
                'the sports hall',
                'the parish hall',
                'the clubhouse',
                'the courtyard',
                'the lobby',
              ]),
            ),
          2,
        ],
        [() => inn(`${name()} Park`), 1.4],
        [() => at(`the ${name()} Centre`), 1.4],
        [() => inn(room()), 1],
        [
          () =>
            at(
              r.pick([
                'the village green',
                'the main gate',
                'the fire station',
                'the swimming pool',
              ]),
            ),
          1,
        ],
      ],
      school: [
        [
          () =>
            inn(
              r.pick([
                'the school hall',
                'the gym',
                'the auditorium',
                'the library',
                'the cafeteria',
                'the music room',
                'the assembly hall',
              ]),
            ),
          3,
        ],
        [() => inn(`Classroom ${r.int(1, 30)}`), 1.6],
        [() => inn(room()), 2],
        [() => at(`${name()} School`), 1.2],
        [() => at(r.pick(['the main entrance', 'the sports field', 'the school gate'])), 1],
      ],
      clinic: [
        [() => at(`the ${name()} Clinic`), 2],
        [() => at(`${r.int(2, 98)} ${street()}`), 1.6],
        [() => at(`the practice on ${street()}`), 1.6],
        [() => on(`the ${ordinal(r.int(2, 6))} floor`), 0.7],
        [() => at('the front desk'), 0.5],
        [() => at(`the ${name()} branch`), 0.7],
      ],
    }
    const [prep, text] = r.weighted(choices[sort])()
    const core = text.replace(/^(the|our|my) /, '')
    return {
      key,
      core,
      label: `the place (${text})`,
      slots: { [key]: `${prep} ${text}`, [`${key}N`]: text },
    }
  }
  const fact = make(rng)
  return { ...fact, again: different(make, fact.core) }
}

/** A person the message is for, or who signs it: slots KEY (as spoken of) and KEYHi (as greeted). */
export function personFact(rng: Rng, split: Split, key: 'to' | 'from', titled: number): Fact {
  const make = (r: Rng): Fact => {
    const first = firstName(r, split)
    const last = surname(r, split)
    if (r.chance(titled)) {
      const title = r.pick(['Mr', 'Ms', 'Mrs', 'Dr', 'Mr', 'Ms', 'Professor'])
      const name = `${title} ${last}`
      return {
        key,
        core: name,
        label: key === 'to' ? `the name of the reader (${name})` : `the sender's name (${name})`,
        slots: { [key]: name, [`${key}Hi`]: name, ...(key === 'to' ? { aud: name } : {}) },
      }
    }
    const full = key === 'from' && r.chance(0.22) ? `${first} ${last}` : first
    return {
      key,
      core: full,
      label: key === 'to' ? `the name of the reader (${full})` : `the sender's name (${full})`,
      slots: { [key]: full, [`${key}Hi`]: full, ...(key === 'to' ? { aud: full } : {}) },
    }
  }
  const fact = make(rng)
  return { ...fact, again: different(make, fact.core) }
}

/** Where to ask: slots KEY ("call 555 0142"), used after "please". */
export function contactFact(rng: Rng, split: Split): Fact {
  const make = (r: Rng): Fact => {
    const person = firstName(r, split)
    const number = () =>
      combined(split, () =>
        r.pick([
          `555 0${r.int(100, 199)}`,
          `0${r.int(20, 99)} ${r.int(100, 999)} ${r.int(100, 999)}`,
          `extension ${r.int(10, 99)}${r.int(10, 99)}`,
        ]),
      )
    const [text, core] = r.weighted<[string, string]>([
      [
        ((n) => [n.startsWith('ext') ? `call ${n}` : `call ${n}`, n] as [string, string])(number()),
        2,
      ],
      [[`contact ${person}`, person], 1.4],
      [[`speak to ${person} at the front desk`, person], 0.6],
      [
        ((n) => [`write to ${n}@example.org`, `${n}@example.org`] as [string, string])(
          r.pick(['office', 'info', 'help', 'team', 'events', 'desk', person.toLowerCase()]),
        ),
        1.2,
      ],
      [
        ((n) => [`text ${person} on ${n}`, n] as [string, string])(
          number().replace('extension ', '555 0'),
        ),
        0.7,
      ],
    ])
    return { key: 'contact', core, label: `the contact (${core})`, slots: { contact: text } }
  }
  const fact = make(rng)
  return { ...fact, again: different(make, fact.core) }
}

/** A fact that is a plain text in the question and in the answer alike. */
export function textFact(
  key: string,
  text: string,
  label: string,
  pool: readonly string[] = [],
  core = text,
): Fact {
  const fact: Fact = { key, core, label: `${label} (${text})`, slots: { [key]: text } }
  const others = pool.filter((other) => other !== text)
  return others.length === 0
    ? fact
    : { ...fact, again: (rng) => textFact(key, rng.pick(others), label) }
}

/** A thing to bring: "%y laptop" is "your laptop" to the reader and "their laptop" in the question. */
export function bringFact(rng: Rng, split: Split, pool: readonly string[]): Fact {
  const make = (r: Rng): Fact => {
    const raw = either(pool, item, r, split, 0.5)
    const yours = raw.replaceAll('%y', 'your')
    const core = raw.replace(/^(%y|a|an|the|some) /, '').replaceAll('%y', 'your')
    return {
      key: 'bring',
      core,
      label: `what to bring (${core})`,
      slots: { bring: yours, bringQ: raw.replaceAll('%y', 'their') },
    }
  }
  const fact = make(rng)
  return { ...fact, again: different(make, fact.core) }
}
