/** One difference against another, a dot for each question. */
import { html, type Markup } from '../html.ts'
import { across, axis, below, belowTitle, picture, round, sideTitle, width } from './frame.ts'

export interface Scatter {
  readonly about: string
  readonly dots: readonly { readonly x: number; readonly y: number; readonly title: string }[]
  readonly xTitle: string
  readonly yTitle: string
  readonly xTick: (value: number) => string
}

const height = 270
const area = { left: 46, right: width - 12, top: 32, bottom: height - 44 }

export function scatter({ about, dots, xTitle, yTitle, xTick }: Scatter): Markup {
  const x = axis([0, ...dots.map((dot) => dot.x)], area.left, area.right)
  const y = axis([0, ...dots.map((dot) => dot.y)], area.bottom, area.top)
  return picture(about, height, [
    across(y, area),
    html`<path
      class="zero"
      d="M${round(x.place(0))} ${area.top}V${area.bottom}M${area.left} ${round(y.place(0))}H${area.right}"
    />`,
    dots.map(
      (dot) =>
        html`<circle
          class="speck ${dot.y < 0 ? 'lost' : dot.y > 0 ? 'won' : 'tied'}"
          cx="${round(x.place(dot.x))}"
          cy="${round(y.place(dot.y))}"
          r="4"
        >
          <title>${dot.title}</title>
        </circle>`,
    ),
    below(x, area, xTick),
    belowTitle(xTitle, area),
    sideTitle(yTitle, area),
  ])
}
