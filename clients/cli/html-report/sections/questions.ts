/** Every question, and every run that failed. */
import { formatCount, formatGain, formatReward } from '../../../common/format.ts'
import type { Evaluation, QuestionFigures } from '../../evaluation/evaluation.ts'
import { excerpt, printable } from '../../text.ts'
import { html, type Markup } from '../html.ts'
import { armTitle, begin, gainOver, named, type Sides } from '../../evaluation/sides.ts'
import { type Cell, section, table } from './section.ts'

/** So that the report stays a small file. */
const most = { questions: 500, failures: 100 }

export function questionsPart(evaluation: Evaluation, sides: Sides): Markup {
  const { arms, per_question } = evaluation
  const judged = sides.own.judge !== null && sides.rival.judge !== null
  const over = sides.rival.name
  const known = per_question
    .map((question) => ({ question, gain: gainOver(question, sides, over) ?? 0 }))
    .sort((one, other) => one.gain - other.gain)
  const half = most.questions / 2
  const shown =
    known.length > most.questions ? [...known.slice(0, half), ...known.slice(-half)] : known
  const heads = [
    'id',
    'question',
    ...arms.map((arm) => begin(armTitle(arm))),
    'gain',
    ...(judged ? ['judge’s gain'] : []),
    'characters',
  ]
  return section({
    title: 'All questions',
    says:
      shown.length < known.length
        ? `The ${half} that lost most against ${named(sides.rival)}, and the ${half} that gained most, of ${formatCount(known.length)}.`
        : `Gains are over ${named(sides.rival)}; what lost most comes first.`,
    content: table({
      name: 'All questions',
      heads,
      sorted: arms.length + 2,
      rows: shown.map(({ question }) => rowOf(question, evaluation, sides, judged)),
    }),
  })
}

function rowOf(
  question: QuestionFigures,
  { arms }: Evaluation,
  sides: Sides,
  judged: boolean,
): Cell[] {
  const over = sides.rival.name
  const characters = question.arms[sides.own.name]?.characters
  return [
    { text: excerpt(printable(question.id), 28, 1), value: question.id },
    {
      text: html`<span class="asked" dir="auto"
        >${excerpt(printable(question.question), 110, 1)}</span
      >`,
      value: question.question.slice(0, 40),
    },
    ...arms.map(({ name }) => number(question.arms[name]?.reward ?? null, formatReward)),
    number(gainOver(question, sides, over), formatGain),
    ...(judged ? [number(gainOver(question, sides, over, 'judge'), formatGain)] : []),
    number(characters ?? null, (count) => formatCount(Math.round(count))),
  ]
}

const number = (value: number | null, format: (value: number) => string): Cell =>
  value === null ? { text: '–' } : { text: format(value), value }

export function failuresPart({ failed }: Evaluation): Markup | null {
  if (failed.length === 0) return null
  const more = failed.length - most.failures
  return html`<section id="failed">
    <h2>Failed runs</h2>
    <ul class="failures">
      ${failed
        .slice(0, most.failures)
        .map(({ id, detail }) => html`<li><b>${id}</b> ${printable(detail)}</li>`)}
      ${more > 0 ? html`<li>and ${formatCount(more)} more</li>` : null}
    </ul>
  </section>`
}
