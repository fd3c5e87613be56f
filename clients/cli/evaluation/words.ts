/** What a comparison came to, in words: one name for each arm, and a verdict that claims no more than it may. */
import { formatGain } from '../../common/format.ts'
import type { ArmFigures, ArmName, Evaluation } from './evaluation.ts'
import type { Interval } from './statistics.ts'

export function armTitle({ name, samples }: Pick<ArmFigures, 'name' | 'samples'>): string {
  const titles: Record<ArmName, string> = {
    first_answer: 'first answer',
    first_best: `best of ${samples}`,
    best_of_n: `best of ${samples}`,
    tpo: 'TPO',
  }
  return titles[name]
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`

/** How sure a number is, as `(0.51 to 0.63)`; nothing where that is not known. */
export const range = ({ low, high }: Interval, format: (value: number) => string): string =>
  low === null || high === null ? '' : `(${format(low)} to ${format(high)})`

/** One or two sentences: who won against the strongest other arm, how surely, and at what price. */
export function verdict({
  arms,
  contests,
  per_question,
}: Pick<Evaluation, 'arms' | 'contests' | 'per_question'>): string {
  const contest = contests.findLast(({ by }) => by === 'reward')
  const [other, own] = [arms.find(({ name }) => name === contest?.over), arms.at(-1)]
  if (contest === undefined || other === undefined || own === undefined) {
    return 'No question was answered by all, so there is nothing to compare.'
  }
  const { win_rate, gain } = contest
  const sure = percent(win_rate.value)
  const said = `${range(win_rate, percent)}`
  const [name, over] = [armTitle(own), armTitle(other)]
  const count = per_question.length === 1 ? 'the one question' : `${per_question.length} questions`
  const by = `by ${formatGain(gain.value)} in reward on average`
  const price = `It took ${(own.tokens / other.tokens).toFixed(1)} × the tokens.`
  if ((win_rate.low ?? 0) > 0.5) {
    return `${name} beats ${over} on ${sure} of ${count} ${said}, ${by}. ${price}`
  }
  if ((win_rate.high ?? 1) < 0.5) {
    return `${name} loses to ${over}: it is better on ${sure} of ${count} ${said} only, ${by}. ${price}`
  }
  return `${name} and ${over} cannot be told apart: ${sure} of ${count} ${said} go to ${name}, ${by}. ${price}`
}
