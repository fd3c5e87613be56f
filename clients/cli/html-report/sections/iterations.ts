/** What each iteration brought, by the reward and by the judge. */
import { formatCount, formatReward } from '../../../common/format.ts'
import type { Evaluation, IterationFigures } from '../../evaluation/evaluation.ts'
import { rewardHacking } from '../../evaluation/findings.ts'
import type { Markup } from '../html.ts'
import { plusMinus, share } from '../../evaluation/numbers.ts'
import { type IterationPlot, iterationPlot } from '../plot/iteration-plot.ts'
import { armTitle, levels, lookOf, type Sides } from '../../evaluation/sides.ts'
import { type Cell, figure, figures, section, table } from './section.ts'

/** Nothing for best-of-N, which has no iterations. */
export function iterationsPart(evaluation: Evaluation, sides: Sides): Markup | null {
  const { iterations } = evaluation
  if (iterations.length < 2) return null
  const finding = rewardHacking(evaluation)
  const judged = iterations.flatMap(({ judge }) => (judge === null ? [] : [judge]))
  const reward = figure(
    'Reward',
    spoken('Reward', {
      curves: [
        {
          name: 'mean',
          look: 'is-rest dashed',
          points: iterations.map((one) => one.mean),
          band: true,
        },
        {
          name: 'best so far',
          look: 'is-own',
          points: iterations.map(({ best }) => best),
          band: false,
        },
      ],
      levels: levels(sides).map((arm) => ({
        name: armTitle(arm),
        look: lookOf(sides, arm),
        value: arm.reward.value,
      })),
      format: formatReward,
    }),
  )
  const numbers = table({
    name: 'Iterations',
    heads: [
      'iteration',
      'mean',
      'best so far',
      'spread',
      ...(judged.length > 0 ? ['judge of the best'] : []),
      'characters',
      'best is here',
    ],
    rows: iterations.map((one) => row(one, judged.length > 0)),
  })
  return section({
    title: 'Reward by iteration',
    says: finding?.text ?? null,
    warns: finding?.warns ?? false,
    content: [
      figures(
        reward,
        judged.length < iterations.length
          ? numbers
          : figure(
              'Judge’s reward of the same answers',
              spoken('Judge’s reward', {
                curves: [{ name: 'best so far', look: 'is-own', points: judged, band: true }],
                levels: levels(sides).flatMap((arm) =>
                  arm.judge === null
                    ? []
                    : [{ name: armTitle(arm), look: lookOf(sides, arm), value: arm.judge.value }],
                ),
                format: formatReward,
              }),
            ),
      ),
      judged.length < iterations.length ? null : numbers,
    ],
  })
}

/** A plot that is read out as what its curves and levels are worth. */
export function spoken(what: string, plot: Omit<IterationPlot, 'about'>): Markup {
  const curves = plot.curves.map(
    ({ name, points }) => `${name} ${points.map(({ value }) => plot.format(value)).join(', ')}`,
  )
  const others = plot.levels.map(({ name, value }) => `${name} ${plot.format(value)}`)
  return iterationPlot({
    ...plot,
    about: `${what} by iteration: ${[...curves, ...others].join('; ')}`,
  })
}

function row(one: IterationFigures, judged: boolean): Cell[] {
  return [
    { text: one.iteration },
    { text: formatReward(one.mean.value), beside: plusMinus(one.mean, formatReward) },
    { text: formatReward(one.best.value), beside: plusMinus(one.best, formatReward) },
    { text: formatReward(one.spread.value) },
    ...(judged
      ? [
          one.judge === null
            ? { text: '–' }
            : { text: formatReward(one.judge.value), beside: plusMinus(one.judge, formatReward) },
        ]
      : []),
    { text: formatCount(Math.round(one.characters.value)) },
    { text: share(one.best_here) },
  ]
}
