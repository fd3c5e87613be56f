/** The first words of the report, and what has to be known beside them. */
import { formatCount, formatGain } from '../../common/format.ts'
import type { Evaluation } from './evaluation.ts'
import type { Interval } from './statistics.ts'
import { type Finding, judgeVerdict, lengthFinding, outcomeOf, rewardHacking } from './findings.ts'
import { share, shareRange, times } from './numbers.ts'
import { armTitle, begin, cannotLose, contestOver, type Sides } from './sides.ts'

export interface Headline {
  readonly claim: string
  /** How sure it is, how much it is, and its price. */
  readonly detail: string | null
}

/** Who won, claiming no more than can be told. */
export function headline(evaluation: Evaluation, sides: Sides | null): Headline {
  const contest = sides === null ? undefined : contestOver(evaluation, sides.rival.name, 'reward')
  if (sides === null || contest === undefined) {
    return { claim: 'No question was answered, so there is nothing to compare', detail: null }
  }
  const { won, tied, lost, win_rate, gain } = contest
  const [own, rival] = [begin(armTitle(sides.own)), armTitle(sides.rival)]
  const on = questions(evaluation)
  const price = `It took ${times(sides.own.tokens, sides.rival.tokens)} the tokens.`
  const size = `${formatGain(gain.value)} reward on average${gainRange(gain)}`
  if (cannotLose(sides)) {
    const often =
      evaluation.per_question.length === 1 ? on : `${share(won / (won + tied + lost))} of ${on}`
    return won === 0
      ? { claim: `${own} finds no better answer than its ${rival} on ${on}`, detail: price }
      : {
          claim: `${own} finds a better answer than its ${rival} on ${often}`,
          detail: `${size}. ${price}`,
        }
  }
  const rate = share(win_rate.value)
  const claims: Record<ReturnType<typeof outcomeOf>, string> = {
    won: `${own} beats ${rival} on ${rate} of ${on}`,
    lost: `${own} loses to ${rival}: it is better on only ${rate} of ${on}`,
    open: `${own} and ${rival} cannot be told apart on ${on}: ${own} wins ${rate}`,
  }
  return {
    claim: claims[outcomeOf(contest)],
    detail: `${shareRange(win_rate)} with 95\u00A0% confidence, and ${size}. ${price}`,
  }
}

const gainRange = ({ low, high }: Interval) =>
  low === null || high === null ? '' : ` (${formatGain(low)} to ${formatGain(high)})`

const questions = ({ per_question: { length } }: Evaluation): string =>
  length === 1 ? 'the one question' : `${formatCount(length)} questions`

/** What has to be known beside the first sentence. */
export function caveats(evaluation: Evaluation, sides: Sides): Finding[] {
  const kept = cannotLose(sides) ? [{ text: keepsItsBest(sides), warns: false }] : []
  const judged = judgeVerdict(evaluation, sides)
  const doubts = [rewardHacking(evaluation), lengthFinding(evaluation, sides)]
  return [
    ...kept,
    ...(judged === null ? [] : [judged]),
    ...doubts.flatMap((doubt) => (doubt?.warns === true ? [doubt] : [])),
  ]
}

const keepsItsBest = ({ own }: Sides) =>
  [
    'A run keeps its best answer, so by its own reward it never falls behind its first ones.',
    ...(own.name === 'tpo'
      ? ['Whether it beats as many samples without critique, tpo compare tells.']
      : []),
  ].join(' ')
