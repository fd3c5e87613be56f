import type { Rng } from '../random.ts'
import { months, weekdays, type DayStyle, type Fact } from '../values.ts'

/** Days as people type them, American ones too. */
export function freeDay(rng: Rng, style: DayStyle): Fact {
  const make = (r: Rng): Fact => {
    const weekday = r.pick(weekdays)
    const month = r.pick(months)
    const n = r.int(1, 28)
    const th = `${n}${n % 10 === 1 && n !== 11 ? 'st' : n % 10 === 2 && n !== 12 ? 'nd' : n % 10 === 3 && n !== 13 ? 'rd' : 'th'}`
    const date = r.weighted([
      [`${month} ${th}`, 3],
      [`${month} ${n}`, 2],
      [`${months.indexOf(month) + 1}/${n}`, 2],
      [`${weekday}, ${month} ${n}`, 1],
      [`${weekday} ${months.indexOf(month) + 1}/${n}`, 0.7],
      [`the ${th}`, 1],
    ])
    const [name, on] = r.weighted<[string, string]>(
      style === 'past'
        ? [
            [[weekday, `on ${weekday}`], 4],
            [[`last ${weekday}`, `last ${weekday}`], 3],
            [['yesterday', 'yesterday'], 2],
            [['last week', 'last week'], 1],
            [['last night', 'last night'], 0.5],
            [[date, `on ${date}`], 2],
          ]
        : [
            [[weekday, `on ${weekday}`], 4],
            [[`next ${weekday}`, `next ${weekday}`], 3],
            [[`this ${weekday}`, `this ${weekday}`], 1],
            [['tomorrow', 'tomorrow'], 1.5],
            [[date, `on ${date}`], 3],
            ...(style === 'future'
              ? ([
                  [['next week', 'next week'], 1],
                  [['this weekend', 'this weekend'], 0.6],
                ] as [[string, string], number][])
              : ([[['the end of the week', 'at the end of the week'], 0.5]] as [
                  [string, string],
                  number,
                ][])),
          ],
    )
    return {
      key: 'day',
      core: name.replace(/^(this (?=[A-Z])|the (?=\d))/, ''),
      label: `the day (${name})`,
      slots: { day: on, dayN: name, dayBy: `by ${name}` },
    }
  }
  const fact = make(rng)
  return {
    ...fact,
    again: (r) => {
      for (;;) {
        const other = make(r)
        if (!other.core.includes(fact.core) && !fact.core.includes(other.core)) return other
      }
    },
  }
}
