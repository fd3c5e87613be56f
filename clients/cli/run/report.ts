import { styleText } from 'node:util'
import type { Ranked, Run } from '../../../shared/client.ts'
import { formatCount, formatGain, formatReward, formatSeconds } from '../../common/format.ts'
import { type IterationReport, totalTokens } from '../../common/iterations.ts'
import { excerpt, printable } from '../text.ts'

/** Why a run is over. */
const endings: Record<NonNullable<Run['stop_reason']>, string> = {
  iterations: 'all iterations are done',
  plateau: 'the latest iterations brought no better answer',
  target_reward: 'the best answer reached the target reward',
  small_gap: 'the best and the worst answer score nearly the same',
  token_budget: 'another iteration would exceed the token budget',
  deadline: 'there is no time for another iteration',
}

const labelWidth = 10
const narrowest = 40
const widest = 100

const bold = (text: string) => styleText('bold', text, { stream: process.stdout })
const dim = (text: string) => styleText('dim', text, { stream: process.stdout })
const green = (text: string) => styleText('green', text, { stream: process.stdout })

/** One iteration: its rewards, the textual loss and gradient that led to it, and what it took. */
export function iterationLines(report: IterationReport, width: number): string {
  const { iteration, summary, loss, gradient, tokens, seconds } = report
  const rewards =
    summary === null
      ? []
      : [
          `mean ${formatReward(summary.mean).padStart(6)}`,
          `best ${formatReward(summary.best).padStart(6)}`,
          `spread ${formatReward(summary.std)}`,
        ]
  const spent = [`${formatCount(tokens)} tokens`, formatSeconds(seconds)]
  return [
    [bold(`iteration ${iteration}`), ...rewards, ...spent.map(dim)].join('   '),
    ...short('loss', loss, width),
    ...short('gradient', gradient, width),
    '',
  ].join('\n')
}

function short(label: string, text: string | null, width: number): string[] {
  if (text === null) return []
  const room = Math.min(Math.max(width, narrowest), widest) - labelWidth - 2
  return excerpt(printable(text), room, 2).map(
    (line, at) => `  ${dim((at === 0 ? label : '').padEnd(labelWidth))}${line}`,
  )
}

/** What a run gave: first best and best answer in full, the gain, why it ended, and what it took. */
export function resultLines(run: Run, first: Ranked | null): string {
  const { best, usage } = run
  if (best === null || first === null) return 'No answer has been scored yet.\n'
  const improved = best.iteration !== first.iteration || best.index !== first.index
  const gain = improved
    ? `${green(`Reward ${formatGain(best.reward - first.reward)}`)} over the first best (${formatReward(first.reward)} → ${formatReward(best.reward)})`
    : 'The first best answer is still the best one.'
  const spent = [
    `${formatCount(usage.model_calls)} model calls`,
    `${formatCount(totalTokens(run))} tokens (${formatCount(usage.prompt_tokens)} in, ${formatCount(usage.completion_tokens)} out)`,
    formatSeconds(usage.seconds),
  ]
  return [
    '',
    ...(improved ? answer('First best answer', first) : []),
    ...answer('Best answer', best),
    gain,
    ...(run.stop_reason === null ? [] : [`It ended because ${endings[run.stop_reason]}.`]),
    dim(spent.join(' · ')),
    '',
  ].join('\n')
}

const answer = (title: string, { text, reward, iteration }: Ranked) => [
  `${bold(title)} ${dim(`· reward ${formatReward(reward)} · iteration ${iteration}`)}`,
  '',
  printable(text).trimEnd(),
  '',
]
