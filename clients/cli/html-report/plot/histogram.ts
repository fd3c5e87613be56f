/** How often a gain is how large. */
import { niceTicks } from '../../../common/chart.ts'
import { html, type Markup } from '../html.ts'
import {
  across,
  axis,
  below,
  belowTitle,
  picture,
  round,
  sideTitle,
  tickText,
  width,
} from './frame.ts'

export interface Histogram {
  readonly about: string
  readonly values: readonly number[]
  readonly mean: { readonly value: number; readonly text: string }
  /** Of what there are how many. */
  readonly title: string
}

interface Bin {
  readonly low: number
  readonly high: number
  readonly count: number
}

const height = 250
const area = { left: 46, right: width - 10, top: 36, bottom: height - 44 }

/**
 * Values in steps of one round width that begin and end at zero; what is zero is in none of them.
 * A bin holds its end that is farther from zero.
 */
export function binned(values: readonly number[], count = 12): Bin[] {
  const edges = niceTicks(Math.min(0, ...values), Math.max(0, ...values), count)
  return edges.slice(1).map((high, at) => {
    const low = edges[at] ?? high
    const inside = values.filter((value) =>
      low < 0 ? value >= low && value < high : value > low && value <= high,
    )
    return { low, high, count: inside.length }
  })
}

export function histogram({ about, values, mean, title }: Histogram): Markup {
  const bins = binned(values)
  const ties = values.filter((value) => value === 0).length
  const x = axis(
    bins.flatMap(({ low, high }) => [low, high]),
    area.left,
    area.right,
    6,
  )
  const y = axis([0, ties, ...bins.map(({ count }) => count)], area.bottom, area.top, 3)
  const zero = round(x.place(0))
  const center = round(x.place(mean.value))
  return picture(about, height, [
    across(y, area),
    bins.map(({ low, high, count }) => {
      const [from, to] = [x.place(low) + 1, x.place(high) - 1]
      return html`<rect
        class="${low < 0 ? 'lost' : 'won'}"
        x="${round(from)}"
        y="${round(y.place(count))}"
        width="${round(to - from)}"
        height="${round(area.bottom - y.place(count))}"
      >
        <title>${tickText(low)} to ${tickText(high)}: ${count}</title>
      </rect>`
    }),
    ties === 0
      ? null
      : html`<rect
          class="tied"
          x="${zero - 5}"
          y="${round(y.place(ties))}"
          width="10"
          height="${round(area.bottom - y.place(ties))}"
        >
          <title>no difference: ${ties}</title>
        </rect>`,
    html`<path class="zero" d="M${zero} ${area.top}V${area.bottom}" />${[
        'center under',
        'center',
      ].map(
        (look) => html`<path class="${look}" d="M${center} ${area.top - 6}V${area.bottom}" />`,
      )}<text class="name end" x="${area.right}" y="${area.top - 18}">${mean.text}</text>`,
    below(x, area),
    belowTitle('gain in reward', area),
    sideTitle(title, { ...area, top: area.top - 4 }),
  ])
}
