/** How many were won, tied and lost, one bar for each comparison. */
import { formatCount } from '../../../common/format.ts'
import { html, type Markup } from '../html.ts'
import { picture, round, width } from './frame.ts'

export interface OutcomeBar {
  readonly name: string
  /** How often, and how sure that is. */
  readonly text: string
  readonly won: number
  readonly tied: number
  readonly lost: number
}

const rowHeight = 50
/** Room that a count needs in its part of a bar. */
const roomy = 30

export function outcomeBars(about: string, bars: readonly OutcomeBar[]): Markup {
  return picture(
    about,
    bars.length * rowHeight,
    bars.map(({ name, text, won, tied, lost }, at) => {
      const top = at * rowHeight
      const all = won + tied + lost
      let from = 0
      const part = (look: string, count: number) => {
        const [x, wide] = [from, (count / all) * width]
        from += wide
        if (count === 0) return null
        return html`<rect
            class="${look}"
            x="${round(x)}"
            y="${top + 21}"
            width="${round(Math.max(1, wide - 1.5))}"
            height="18"
          >
            <title>${look}: ${formatCount(count)}</title></rect
          >${
            wide < roomy
              ? null
              : html`<text
                  class="inside ${look}"
                  x="${round(x + (look === 'lost' ? wide - 8 : 7))}"
                  y="${top + 34.3}"
                  >${formatCount(count)}</text
                >`
          }`
      }
      return html`<text class="name" x="0" y="${top + 14}">${name}</text>
        <text class="tick end" x="${width}" y="${top + 14}">${text}</text>
        ${part('won', won)}${part('tied', tied)}${part('lost', lost)}`
    }),
  )
}
