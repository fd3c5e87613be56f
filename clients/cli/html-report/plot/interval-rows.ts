/** Values with their intervals, one below the other on one axis. */
import type { Interval } from '../../evaluation/statistics.ts'
import { html, type Markup } from '../html.ts'
import { type Axis, below, belowTitle, picture, round, width } from './frame.ts'

export interface IntervalRow {
  readonly name: string
  readonly look: string
  readonly interval: Interval
  readonly text: string
}

export interface IntervalRows {
  readonly about: string
  readonly rows: readonly IntervalRow[]
  readonly title: string
  readonly axisOf: (left: number, right: number) => Axis
  readonly tick: (value: number) => string
  /** A value that divides one side from the other. */
  readonly divide?: number
}

const rowHeight = 34
const names = 110
const texts = 132

export function intervalRows({ about, rows, title, axisOf, tick, divide }: IntervalRows): Markup {
  const area = { left: names, right: width - texts, top: 2, bottom: 2 + rows.length * rowHeight }
  const x = axisOf(area.left, area.right)
  return picture(about, area.bottom + 42, [
    x.ticks.map(
      ({ at }) => html`<path class="grid" d="M${round(at)} ${area.top}V${area.bottom}" />`,
    ),
    divide === undefined
      ? null
      : html`<path class="zero" d="M${round(x.place(divide))} ${area.top}V${area.bottom}" />`,
    rows.map(({ name, look, interval: { value, low, high }, text }, at) => {
      const y = area.top + (at + 0.5) * rowHeight
      return html`<g class="${look}">
        <text class="name" x="0" y="${y}" dy=".32em">${name}</text>
        <text class="tick end" x="${width}" y="${y}" dy=".32em">${text}</text>
        ${
          low === null || high === null
            ? null
            : html`<path class="reach" d="M${round(x.place(low))} ${y}H${round(x.place(high))}" />`
        }
        <circle class="dot" cx="${round(x.place(value))}" cy="${y}" r="5.5">
          <title>${name}: ${text}</title>
        </circle>
      </g>`
    }),
    below(x, area, tick),
    belowTitle(title, area),
  ])
}
