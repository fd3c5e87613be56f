/** How gains are spread over the questions, and how often there was one. */
import { formatCount, formatGain } from '../../../common/format.ts'
import type { Contest, Evaluation } from '../../evaluation/evaluation.ts'
import { html, type Markup } from '../html.ts'
import { share, shareRange } from '../../evaluation/numbers.ts'
import { histogram } from '../plot/histogram.ts'
import { outcomeBars } from '../plot/outcome-bars.ts'
import {
  armTitle,
  begin,
  contestOver,
  gainOver,
  levels,
  named,
  type Sides,
} from '../../evaluation/sides.ts'
import { figure, figures, section } from './section.ts'

/** Fewer questions have no distribution. */
const leastQuestions = 3

export function gainsPart(evaluation: Evaluation, sides: Sides): Markup {
  const own = begin(armTitle(sides.own))
  return section({
    title: 'Gains, question by question',
    says: null,
    content: figures(
      evaluation.per_question.length < leastQuestions
        ? null
        : levels(sides).map((arm) => histogramOver(evaluation, sides, arm)),
      outcomes(evaluation, sides, 'reward', `${own} won, tied and lost`),
      outcomes(evaluation, sides, 'judge', 'The same by the judge'),
    ),
  })
}

function outcomes(
  { contests, repetitions }: Evaluation,
  { others }: Sides,
  by: Contest['by'],
  title: string,
): Markup | null {
  const bars = others.flatMap((arm) => {
    const contest = contests.find((one) => one.over === arm.name && one.by === by)
    if (contest === undefined) return []
    const { won, tied, lost, win_rate } = contest
    const text = `${share(win_rate.value)} (${shareRange(win_rate)})`
    return [{ name: `against ${named(arm)}`, text, won, tied, lost }]
  })
  const [first] = bars
  if (first === undefined) return null
  const all = first.won + first.tied + first.lost
  const spoken = bars
    .map(({ name, won, tied, lost }) => `${name}: ${won} won, ${tied} tied, ${lost} lost`)
    .join('; ')
  return html`<figure>
    <figcaption>
      ${title}
      <span class="soft"
        >${formatCount(all)}
        ${repetitions > 1 ? 'answers' : all === 1 ? 'question' : 'questions'}</span
      >
    </figcaption>
    <p class="legend" aria-hidden="true">
      <i class="key won"></i>won <i class="key tied"></i>tied <i class="key lost"></i>lost
    </p>
    ${outcomeBars(`${title}, ${spoken}`, bars)}
  </figure>`
}

function histogramOver(evaluation: Evaluation, sides: Sides, arm: Sides['rival']): Markup | null {
  const values = evaluation.per_question.flatMap(
    (question) => gainOver(question, sides, arm.name) ?? [],
  )
  const gain = contestOver(evaluation, arm.name, 'reward')?.gain
  if (gain === undefined) return null
  const title = `Gain over ${named(arm)}`
  const text = `mean ${formatGain(gain.value)}${gain.low === null || gain.high === null ? '' : ` (${formatGain(gain.low)} to ${formatGain(gain.high)})`}`
  const better = values.filter((value) => value > 0).length
  return figure(
    title,
    histogram({
      about: `${title} in reward: ${text}; better on ${better} of ${values.length} questions`,
      values,
      mean: { value: gain.value, text },
      title: 'questions',
    }),
  )
}
