/** How steady each arm is when it is asked again, and what it takes. */
import { formatCount, formatReward, formatRough } from '../../../common/format.ts'
import type { Evaluation } from '../../evaluation/evaluation.ts'
import { priceFinding, stabilityFinding } from '../../evaluation/findings.ts'
import type { Markup } from '../html.ts'
import { plusMinus } from '../../evaluation/numbers.ts'
import { axis, tickText } from '../plot/frame.ts'
import { intervalRows } from '../plot/interval-rows.ts'
import { pricePlot } from '../plot/price-plot.ts'
import { armTitle, begin, lookOf, type Sides } from '../../evaluation/sides.ts'
import { figure, section } from './section.ts'

/** Nothing without repetitions. */
export function stabilityPart({ arms, repetitions }: Evaluation, sides: Sides): Markup | null {
  const rows = arms.flatMap((arm) =>
    arm.spread === null
      ? []
      : [
          {
            name: begin(armTitle(arm)),
            look: lookOf(sides, arm),
            // A spread is never below zero, whatever its interval.
            interval: {
              ...arm.spread,
              low: arm.spread.low === null ? null : Math.max(0, arm.spread.low),
            },
            text: `${formatReward(arm.spread.value)} ${plusMinus(arm.spread, formatReward)}`.trim(),
          },
        ],
  )
  if (rows.length === 0) return null
  const ends = rows.flatMap(({ interval }) => [interval.value, interval.high ?? interval.value])
  return section({
    title: 'Stability',
    says: stabilityFinding(sides),
    content: figure(
      'Spread of the reward of one question, less is better',
      intervalRows({
        about: `Standard deviation of the reward over ${repetitions} repetitions: ${rows.map(({ name, text }) => `${name} ${text}`).join('; ')}`,
        rows,
        title: `standard deviation over ${repetitions} repetitions`,
        axisOf: (left, right) => axis([0, ...ends], left, right),
        tick: tickText,
      }),
    ),
  })
}

export function costPart({ arms }: Evaluation, sides: Sides): Markup {
  const priced = arms.map((arm) => ({
    name: armTitle(arm),
    look: lookOf(sides, arm),
    tokens: arm.tokens,
    reward: arm.reward,
    title: `${armTitle(arm)}: reward ${formatReward(arm.reward.value)} for ${formatCount(Math.round(arm.tokens))} tokens`,
  }))
  return section({
    title: 'Cost',
    says: priceFinding(sides),
    content: figure(
      'Reward for tokens',
      pricePlot(
        `Reward for tokens: ${priced.map(({ name, tokens, reward }) => `${name} ${formatReward(reward.value)} for ${formatRough(tokens)}`).join('; ')}`,
        priced,
      ),
    ),
  })
}
