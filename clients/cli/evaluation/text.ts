/** A comparison for a terminal. */
import { styleText } from 'node:util'
import { formatCount, formatGain, formatReward, formatSeconds } from '../../common/format.ts'
import { tableLines } from '../text.ts'
import type { ArmFigures, Contest, Evaluation, IterationFigures } from './evaluation.ts'
import type { Interval } from './statistics.ts'
import { caveats, headline } from './headline.ts'
import { share } from './numbers.ts'
import { armTitle, sidesOf } from './sides.ts'

const bold = (text: string) => styleText('bold', text, { stream: process.stdout })
const yellow = (text: string) => styleText('yellow', text, { stream: process.stdout })

export function evaluationText(evaluation: Evaluation): string {
  const { arms, iterations, contests, models } = evaluation
  const sides = sidesOf(evaluation)
  const { claim, detail } = headline(evaluation, sides)
  const told = sides === null ? [] : caveats(evaluation, sides)
  const judged = models.judge !== null
  const blocks = [
    [
      bold(claim),
      ...(detail === null ? [] : [detail]),
      ...told.map(({ text, warns }) => (warns ? yellow(text) : text)),
    ].map((line) => line.replaceAll('\u00A0', ' ')),
    arms.length === 0 ? [] : tableLines(armRows(arms, judged)),
    iterations.length < 2 ? [] : tableLines(iterationRows(iterations, judged)),
    contests.length === 0 ? [] : tableLines(contestRows(evaluation)),
  ]
  return `${blocks
    .filter(({ length }) => length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n\n`
}

/** How sure a number is, as `(0.51 to 0.63)`; nothing where that is not known. */
const range = ({ low, high }: Interval, format: (value: number) => string): string =>
  low === null || high === null ? '' : `(${format(low)} to ${format(high)})`

const whole = (interval: Interval) => formatCount(Math.round(interval.value))
const reward = (interval: Interval | null) =>
  interval === null
    ? '–'
    : `${formatReward(interval.value)} ${range(interval, formatReward)}`.trimEnd()

function armRows(arms: readonly ArmFigures[], judged: boolean): string[][] {
  const repeated = arms.some(({ spread }) => spread !== null)
  return [
    [
      'per question',
      'reward',
      ...(judged ? ['judge'] : []),
      ...(repeated ? ['spread'] : []),
      'characters',
      'tokens',
      'calls',
      'time',
    ],
    ...arms.map((arm) => [
      armTitle(arm),
      reward(arm.reward),
      ...(judged ? [reward(arm.judge)] : []),
      ...(repeated ? [arm.spread === null ? '–' : formatReward(arm.spread.value)] : []),
      whole(arm.characters),
      formatCount(Math.round(arm.tokens)),
      formatCount(Math.round(arm.model_calls)),
      arm.seconds === null ? '–' : formatSeconds(arm.seconds),
    ]),
  ]
}

const iterationRows = (iterations: readonly IterationFigures[], judged: boolean): string[][] => [
  ['iteration', 'mean', 'best so far', ...(judged ? ['judge'] : []), 'characters', 'best is here'],
  ...iterations.map((figures) => [
    String(figures.iteration),
    reward(figures.mean),
    reward(figures.best),
    ...(judged ? [reward(figures.judge)] : []),
    whole(figures.characters),
    share(figures.best_here),
  ]),
]

function contestRows({ arms, contests, models }: Evaluation): string[][] {
  const title = (contest: Contest) => {
    const other = arms.find(({ name }) => name === contest.over)
    return other === undefined ? contest.over : armTitle(other)
  }
  const own = arms.at(-1)
  return [
    [`${own === undefined ? '' : armTitle(own)} over`, 'by', 'won', 'tied', 'lost', 'wins', 'gain'],
    ...contests.map((contest) => [
      title(contest),
      contest.by === 'judge' ? (models.judge ?? 'judge') : 'reward',
      formatCount(contest.won),
      formatCount(contest.tied),
      formatCount(contest.lost),
      `${share(contest.win_rate.value)} ${range(contest.win_rate, share)}`.trimEnd(),
      `${formatGain(contest.gain.value)} ${range(contest.gain, formatReward)}`.trimEnd(),
    ]),
  ]
}
