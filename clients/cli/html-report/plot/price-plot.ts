/** What each arm reaches for what it takes. */
import { formatRough } from '../../../common/format.ts'
import type { Interval } from '../../evaluation/statistics.ts'
import { html, type Markup } from '../html.ts'
import {
  across,
  apart,
  axis,
  below,
  belowTitle,
  picture,
  round,
  sideTitle,
  width,
} from './frame.ts'

export interface PricedArm {
  readonly name: string
  readonly look: string
  readonly tokens: number
  readonly reward: Interval
  readonly title: string
}

const height = 270
const area = { left: 46, right: width - 12, top: 32, bottom: height - 44 }

export function pricePlot(about: string, arms: readonly PricedArm[]): Markup {
  const x = axis([0, ...arms.map(({ tokens }) => tokens)], area.left, area.right)
  const y = axis(
    arms.flatMap(({ reward: { value, low, high } }) => [value, low ?? value, high ?? value]),
    area.bottom,
    area.top,
  )
  const middle = (area.left + area.right) / 2
  const toTheLeft = ({ tokens }: PricedArm) => x.place(tokens) > middle
  return picture(about, height, [
    across(y, area),
    arms.map(
      ({ look, tokens, reward: { value, low, high }, title }) =>
        html`<g class="${look}">
          ${
            low === null || high === null
              ? null
              : html`<path
                  class="reach"
                  d="M${round(x.place(tokens))} ${round(y.place(low))}V${round(y.place(high))}"
                />`
          }
          <circle class="dot" cx="${round(x.place(tokens))}" cy="${round(y.place(value))}" r="6">
            <title>${title}</title>
          </circle>
        </g>`,
    ),
    [true, false].map((left) => {
      const side = arms.filter((arm) => toTheLeft(arm) === left)
      const heights = apart(
        side.map(({ reward }) => y.place(reward.value)),
        area.top,
        area.bottom,
      )
      return side.map(
        ({ name, look, tokens }, at) =>
          html`<text
            class="name ${look} ${left ? 'end' : ''}"
            x="${round(x.place(tokens) + (left ? -12 : 12))}"
            y="${round(heights[at] ?? 0)}"
            dy=".32em"
            >${name}</text
          >`,
      )
    }),
    below(x, area, formatRough),
    belowTitle('tokens for one question', area),
    sideTitle('reward', area),
  ])
}
