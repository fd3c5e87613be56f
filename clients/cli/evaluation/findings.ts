/** What the numbers say, in sentences that claim no more than they may. */
import { formatReward } from '../../common/format.ts'
import { type LengthTrend, paidInLength } from '../../common/length.ts'
import { correlationOf } from '../../common/statistics.ts'
import type { Contest, Evaluation } from './evaluation.ts'
import type { Interval } from './statistics.ts'
import { share, shareRange, times } from './numbers.ts'
import { begin, contestOver, gainOver, levels, named, type Sides } from './sides.ts'

export interface Finding {
  readonly text: string
  /** Speaks against trusting the rewards. */
  readonly warns: boolean
}

const plain = (text: string): Finding => ({ text, warns: false })
const warning = (text: string): Finding => ({ text, warns: true })

/** Who wins more often than the other, if that can be told. */
export const outcomeOf = ({ win_rate: { low, high } }: Contest): 'won' | 'lost' | 'open' =>
  low !== null && low > 0.5 ? 'won' : high !== null && high < 0.5 ? 'lost' : 'open'

/** Whether a reward model that had no say in the choice sees it alike. */
export function judgeVerdict(evaluation: Evaluation, sides: Sides): Finding | null {
  const { name } = sides.rival
  const [by, judged] = [
    contestOver(evaluation, name, 'reward'),
    contestOver(evaluation, name, 'judge'),
  ]
  if (by === undefined || judged === undefined) return null
  const [own, rival] = [named(sides.own), named(sides.rival)]
  const rate = `${share(judged.win_rate.value)} (${shareRange(judged.win_rate)})`
  const outcome = outcomeOf(judged)
  if (outcome === 'open') {
    return plain(`By the judge the two cannot be told apart: ${own} wins ${rate}.`)
  }
  if (outcome === outcomeOf(by))
    return plain(`The judge agrees: by its rewards ${own} wins ${rate}.`)
  return outcome === 'lost'
    ? warning(`The judge prefers ${rival}: by its rewards ${own} wins only ${rate}.`)
    : plain(`The judge prefers ${own}: by its rewards it wins ${rate}.`)
}

/** Whether the judge follows where the reward goes. Null without a judge, or without iterations. */
export function rewardHacking({ iterations }: Evaluation): Finding | null {
  const judged = iterations.flatMap(({ iteration, judge }) =>
    judge === null ? [] : [{ iteration, judge }],
  )
  const [first, last] = [judged[0], judged.at(-1)]
  if (first === undefined || last === undefined || first === last) return null
  const top = judged.reduce((one, other) => (other.judge.value > one.judge.value ? other : one))
  const [from, to] = [formatReward(first.judge.value), formatReward(last.judge.value)]
  if (clearlyBelow(last.judge, first.judge)) {
    return warning(
      `While rewards rise, the judge’s fall from ${from} to ${to}: what is gained may please the reward model only.`,
    )
  }
  if (clearlyBelow(last.judge, top.judge)) {
    return warning(
      `The judge’s reward is highest at iteration ${top.iteration} (${formatReward(top.judge.value)}) and falls to ${to}: later gains may please the reward model only.`,
    )
  }
  return plain(
    from === to
      ? `The judge’s reward of the best answer stays at ${to}.`
      : clearlyBelow(first.judge, last.judge)
        ? `The judge’s reward of the best answer rises along with it, from ${from} to ${to}.`
        : `The judge’s reward of the best answer hardly changes, from ${from} to ${to}.`,
  )
}

/** By more than one of them is unsure; without an interval nothing is clear. */
const clearlyBelow = (one: Interval, other: Interval) => one.high !== null && one.high < other.value

/** Growth over the rival, and how gains in reward and in length go together over questions. */
export function lengthOf({ per_question }: Evaluation, sides: Sides): LengthTrend {
  const { name } = sides.rival
  const pairs = per_question.flatMap((question) => {
    const reward = gainOver(question, sides, name)
    const characters = gainOver(question, sides, name, 'characters')
    return reward === null || characters === null ? [] : [{ reward, characters }]
  })
  return {
    growth: sides.own.characters.value / sides.rival.characters.value - 1,
    correlation: correlationOf(
      pairs.map(({ characters }) => characters),
      pairs.map(({ reward }) => reward),
    ),
  }
}

/** Fewer questions tell nothing of what goes together. */
const leastQuestions = 6

export function lengthFinding(evaluation: Evaluation, sides: Sides): Finding | null {
  const trend = lengthOf(evaluation, sides)
  const { growth, correlation } = trend
  if (!Number.isFinite(growth)) return null
  const [own, rival] = [named(sides.own), named(sides.rival)]
  const size = Math.round(Math.abs(growth) * 100)
  const longer =
    size === 0
      ? `${begin(own)} and ${rival} write answers of the same length`
      : `Answers of ${own} are ${size}\u00A0% ${growth > 0 ? 'longer' : 'shorter'} than those of ${rival}`
  if (evaluation.per_question.length < leastQuestions || Number.isNaN(correlation)) {
    return plain(`${longer}.`)
  }
  const together = `correlation ${formatReward(correlation)}`
  if (paidInLength(trend)) {
    return warning(
      `Rewards seem to be paid in length. ${longer}, and the longer an answer grew, the more it gained (${together}). Read some before you trust the gain.`,
    )
  }
  const strength = Math.abs(correlation)
  const tied = strength < 0.3 ? 'have little to do with each other' : 'go together'
  return plain(
    `${longer}. Gains in length and in reward ${correlation <= -0.3 ? 'go against each other' : tied}${
      strength >= 0.3 && strength < 0.5 ? ' a little' : ''
    } (${together}).`,
  )
}

/** Null without repetitions. */
export function stabilityFinding(sides: Sides): string | null {
  const [own, rival] = [sides.own.spread, sides.rival.spread]
  if (own === null || rival === null) return null
  const [name, other] = [named(sides.own), named(sides.rival)]
  const both = `Asked again, the reward of ${name} varies by ${formatReward(own.value)}, that of ${other} by ${formatReward(rival.value)}`
  const [steadier, tells] =
    own.value < rival.value ? [name, below(own, rival)] : [other, below(rival, own)]
  return tells ? `${both}: ${steadier} is the steadier.` : `${both}: no difference can be told.`
}

const below = (one: Interval, other: Interval) =>
  one.high !== null && other.low !== null && one.high < other.low

export function priceFinding(sides: Sides): string {
  return levels(sides)
    .map((other, at) => {
      const { own } = sides
      const parts = [
        `${times(own.tokens, other.tokens)} the tokens`,
        `${times(own.model_calls, other.model_calls)} the model calls`,
        ...(own.seconds === null || !other.seconds
          ? []
          : [`${times(own.seconds, other.seconds)} the time`]),
      ]
      const last = parts.pop() ?? ''
      const all = parts.length === 0 ? last : `${parts.join(', ')} and ${last}`
      return `${at === 0 ? `${begin(named(own))} took` : 'It took'} ${all} of ${named(other)}.`
    })
    .join(' ')
}
