/** What all charts share: their size, their axes, and labels that keep apart. In units of the view box. */
import { niceTicks } from '../../../common/chart.ts'
import { html, type Markup, type Part } from '../html.ts'

/** As wide as a column on a laptop and a phone, so that its type is as large as the text's. */
export const width = 440
const lineHeight = 18

export interface Axis {
  readonly place: (value: number) => number
  readonly ticks: readonly { readonly value: number; readonly at: number }[]
}

/** From the lowest to the highest value, and on to round ones. */
export function axis(values: readonly number[], start: number, end: number, count = 4): Axis {
  const ticks = niceTicks(Math.min(...values), Math.max(...values), count)
  const [low = 0, high = 1] = [ticks[0], ticks.at(-1)]
  const place = (value: number) => start + ((value - low) / (high - low)) * (end - start)
  return { place, ticks: ticks.map((value) => ({ value, at: place(value) })) }
}

/** As few digits as a round value needs. */
export const tickText = (value: number): string =>
  String(Number(value.toPrecision(6))).replace('-', '\u2212')

export interface Area {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** Lines across the plot with a value at each. */
export const across = ({ ticks }: Axis, { left, right }: Area, text = tickText): Markup[] =>
  ticks.map(
    ({ value, at }) =>
      html`<path class="grid" d="M${left} ${round(at)}H${right}" /><text
          class="tick end"
          x="${left - 8}"
          y="${round(at)}"
          dy=".32em"
          >${text(value)}</text
        >`,
  )

/** Values below the plot. */
export const below = ({ ticks }: Axis, { bottom }: Area, text = tickText): Markup[] =>
  ticks.map(
    ({ value, at }) =>
      html`<text class="tick middle" x="${round(at)}" y="${bottom + 18}">${text(value)}</text>`,
  )

export const belowTitle = (title: string, { left, right, bottom }: Area): Markup =>
  html`<text class="tick middle" x="${(left + right) / 2}" y="${bottom + 36}">${title}</text>`

export const sideTitle = (title: string, { top }: Area): Markup =>
  html`<text class="tick" x="0" y="${top - 14}">${title}</text>`

/** A picture with what it says in words, for those who do not see it. */
export const picture = (about: string, height: number, content: Part): Markup =>
  html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${about}">${content}</svg>`

/** Heights of labels, moved as little as keeps them apart and within `top…bottom`. */
export function apart(wanted: readonly number[], top: number, bottom: number): number[] {
  const order = wanted.map((y, at) => ({ y, at })).sort((a, b) => a.y - b.y)
  let free = top
  for (const label of order) {
    label.y = Math.max(label.y, free)
    free = label.y + lineHeight
  }
  let limit = bottom
  for (const label of order.toReversed()) {
    label.y = Math.min(label.y, limit)
    limit = label.y - lineHeight
  }
  const placed = wanted.slice()
  for (const { y, at } of order) placed[at] = y
  return placed
}

export const round = (value: number): number => Math.round(value * 10) / 10
