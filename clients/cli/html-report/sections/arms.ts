/** All that is known of each arm, in one table. */
import { formatCount, formatReward, formatSeconds } from '../../../common/format.ts'
import type { ArmFigures, Evaluation } from '../../evaluation/evaluation.ts'
import type { Interval } from '../../evaluation/statistics.ts'
import { html, type Markup } from '../html.ts'
import { plusMinus, share, shareRange } from '../../evaluation/numbers.ts'
import { armTitle, begin, contestOver, lookOf, type Sides } from '../../evaluation/sides.ts'
import { type Cell, section, table } from './section.ts'

const none: Cell = { text: '–' }

const reward = (interval: Interval | null): Cell =>
  interval === null
    ? none
    : { text: formatReward(interval.value), beside: plusMinus(interval, formatReward) }

const whole = (count: number): Cell => ({ text: formatCount(Math.round(count)) })

export function armsPart(evaluation: Evaluation, sides: Sides): Markup {
  const { arms } = evaluation
  const own = begin(armTitle(sides.own))
  const judged = arms.some(({ judge }) => judge !== null)
  const repeated = arms.some(({ spread }) => spread !== null)
  return section({
    title: 'Ways to an answer',
    says: `What one question takes and brings, on average${evaluation.per_question.length === 1 ? '' : ', with 95\u00A0% intervals'}. “${own} wins” is how often it is better than that row${repeated ? '; spread is how far the reward of one question strays when it is asked again' : ''}.`,
    content: table({
      name: 'Ways to an answer',
      heads: [
        '',
        'samples',
        'reward',
        ...(judged ? ['judge'] : []),
        `${own} wins`,
        ...(judged ? ['by the judge'] : []),
        ...(repeated ? ['spread'] : []),
        'tokens',
        'calls',
        'time',
        'characters',
      ],
      rows: arms.map((arm) => rowOf(arm, evaluation, sides, { judged, repeated })),
    }),
  })
}

function rowOf(
  arm: ArmFigures,
  evaluation: Evaluation,
  sides: Sides,
  { judged, repeated }: { readonly judged: boolean; readonly repeated: boolean },
): Cell[] {
  const wins = (by: 'reward' | 'judge'): Cell => {
    const rate = contestOver(evaluation, arm.name, by)?.win_rate
    return rate === undefined ? none : { text: share(rate.value), beside: shareRange(rate) }
  }
  return [
    { text: html`<i class="key ${lookOf(sides, arm)}"></i>${begin(armTitle(arm))}` },
    { text: arm.samples },
    reward(arm.reward),
    ...(judged ? [reward(arm.judge)] : []),
    wins('reward'),
    ...(judged ? [wins('judge')] : []),
    ...(repeated ? [reward(arm.spread)] : []),
    whole(arm.tokens),
    { text: formatCount(Math.round(arm.model_calls * 10) / 10) },
    arm.seconds === null ? none : { text: formatSeconds(arm.seconds) },
    whole(arm.characters.value),
  ]
}
