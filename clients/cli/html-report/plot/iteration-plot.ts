/** What changes from iteration to iteration, beside levels that do not. */
import { path } from '../../../common/chart.ts'
import type { Interval } from '../../evaluation/statistics.ts'
import { html, type Markup } from '../html.ts'
import {
  across,
  apart,
  axis,
  type Axis,
  below,
  belowTitle,
  picture,
  round,
  tickText,
  width,
} from './frame.ts'

export interface Curve {
  readonly name: string
  /** How it looks. */
  readonly look: string
  readonly points: readonly Interval[]
  /** Whether its intervals are drawn, as a band. */
  readonly band: boolean
}

export interface Level {
  readonly name: string
  readonly look: string
  readonly value: number
}

export interface IterationPlot {
  readonly about: string
  readonly curves: readonly Curve[]
  readonly levels: readonly Level[]
  readonly format: (value: number) => string
  readonly tick?: (value: number) => string
}

const height = 270
const area = { left: 46, right: width - 102, top: 14, bottom: height - 44 }

export function iterationPlot({
  about,
  curves,
  levels,
  format,
  tick = tickText,
}: IterationPlot): Markup {
  const ends = curves.flatMap(({ points, band }) =>
    points.flatMap(({ value, low, high }) => (band ? [value, low ?? value, high ?? value] : value)),
  )
  const y = axis([...ends, ...levels.map(({ value }) => value)], area.bottom, area.top)
  const count = Math.max(...curves.map(({ points }) => points.length))
  const column = (area.right - area.left) / count
  const x: Axis = {
    place: (iteration) => area.left + column * (iteration + 0.5),
    ticks: Array.from({ length: count }, (_, value) => ({
      value,
      at: area.left + column * (value + 0.5),
    })),
  }
  const named = [
    ...levels.map(({ name, look, value }) => ({ name, look, y: y.place(value) })),
    ...curves.map(({ name, look, points }) => ({
      name,
      look,
      y: y.place(points.at(-1)?.value ?? 0),
    })),
  ]
  const heights = apart(
    named.map((label) => label.y),
    area.top,
    area.bottom,
  )
  return picture(about, height, [
    across(y, area, tick),
    below(x, area),
    belowTitle('iteration', area),
    levels.map(
      ({ name, look, value }) =>
        html`<path class="level ${look}" d="M${area.left} ${round(y.place(value))}H${area.right}">
          <title>${name}: ${format(value)}</title>
        </path>`,
    ),
    curves.map((curve) => [
      curve.band ? bandOf(curve, x, y, column * 0.25) : null,
      html`<path
        class="curve ${curve.look}"
        d="${path(curve.points.map(({ value }, at) => ({ x: x.place(at), y: y.place(value) })))}"
      />`,
      curve.points.map(
        ({ value }, at) =>
          html`<circle
            class="dot ${curve.look}"
            cx="${round(x.place(at))}"
            cy="${round(y.place(value))}"
            r="4.5"
          >
            <title>${curve.name}, iteration ${at}: ${format(value)}</title>
          </circle>`,
      ),
    ]),
    named.map(
      ({ name, look }, at) =>
        html`<text
          class="name ${look}"
          x="${area.right + 8}"
          y="${round(heights[at] ?? 0)}"
          dy=".32em"
          >${name}</text
        >`,
    ),
  ])
}

/** The ends reach out a little, so that one iteration alone has an area, too. */
function bandOf({ points, look }: Curve, x: Axis, y: Axis, reach: number): Markup {
  const known = points.flatMap(({ low, high }, at) =>
    low === null || high === null
      ? []
      : [{ x: x.place(at), low: y.place(low), high: y.place(high) }],
  )
  const [first, last] = [known[0], known.at(-1)]
  if (first === undefined || last === undefined) return html``
  const wide = [{ ...first, x: first.x - reach }, ...known, { ...last, x: last.x + reach }]
  const outline = [
    ...wide.map(({ x, high }) => ({ x, y: high })),
    ...wide.toReversed().map(({ x, low }) => ({ x, y: low })),
  ]
  return html`<path class="band ${look}" d="${path(outline)}Z" />`
}
