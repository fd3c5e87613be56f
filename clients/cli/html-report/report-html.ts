/** A comparison as one file that opens anywhere: no request leaves it, nothing in it is run but its own. */
import { createHash } from 'node:crypto'
import type { Evaluation } from '../evaluation/evaluation.ts'
import { headline } from '../evaluation/headline.ts'
import { html, type Markup } from './html.ts'
import { armsPart } from './sections/arms.ts'
import { casesPart } from './sections/cases.ts'
import { costPart, stabilityPart } from './sections/cost.ts'
import { gainsPart } from './sections/gains.ts'
import { iterationsPart } from './sections/iterations.ts'
import { lengthPart } from './sections/length.ts'
import { failuresPart, questionsPart } from './sections/questions.ts'
import { verdictPart } from './sections/verdict.ts'
import { sidesOf } from '../evaluation/sides.ts'
import { sortTables } from './sort-tables.ts'
import { style } from './style.ts'

/** A whole HTML document. It holds what the evaluation holds and nothing else. */
export function reportHtml(evaluation: Evaluation): string {
  const sides = sidesOf(evaluation)
  const script = `(${sortTables.toString()})()`
  const policy = [
    "default-src 'none'",
    `script-src '${hashed(script)}'`,
    `style-src '${hashed(style)}'`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  const parts =
    sides === null
      ? []
      : [
          iterationsPart(evaluation, sides),
          armsPart(evaluation, sides),
          gainsPart(evaluation, sides),
          lengthPart(evaluation, sides),
          html`<div class="pair">
            ${stabilityPart(evaluation, sides)} ${costPart(evaluation, sides)}
          </div>`,
          casesPart(evaluation, sides),
          failuresPart(evaluation),
          questionsPart(evaluation, sides),
        ]
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${headline(evaluation, sides).claim}</title>
        ${whole('style', style)}
      </head>
      <body>
        <main>
          <p class="brand">${mark}tpo-edge <span class="soft">report</span></p>
          ${verdictPart(evaluation, sides)} ${parts}
          ${sides === null ? failuresPart(evaluation) : howToRead}
        </main>
        ${whole('script', script)}
      </body>
    </html>`.markup
}

const hashed = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`

/** An element of our own text, to the letter: its content policy knows it by its hash. */
const whole = (name: 'style' | 'script', text: string): Markup => ({
  markup: `<${name}>${text}</${name}>`,
})

const howToRead = html`<footer>
  <h2>How to read this</h2>
  <p>
    Rewards are raw scores of the reward model; only differences mean something. Questions are what
    is drawn at random: repetitions of one are averaged first. Intervals cover the true value 95
    times of 100: Student’s for means, Wilson’s for shares. A win counts as one, a tie as half. Best
    of N draws N answers at once and keeps the one with the highest reward. A run keeps its best
    answer, so by the reward it never loses to its own first ones. The judge is a second reward
    model that had no say in any choice.
  </p>
</footer>`

const mark = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
  <g class="faint">
    <circle cx="6" cy="28" r="2.4" />
    <circle cx="16" cy="23" r="2.4" />
    <circle cx="26" cy="15" r="2.4" />
  </g>
  <path d="M6 20 16 13.5 26 5" />
  <circle cx="6" cy="20" r="3" />
  <circle cx="16" cy="13.5" r="3" />
  <circle cx="26" cy="5" r="3" />
</svg>`
