/** One branch of a run as a report to read, in Markdown. */
import type { Candidate, IterationSummary } from '../../../shared/tpo.ts'
import { type Compared, comparedIn, type Pair } from '../compared.ts'
import { formatCount, formatGain, formatReward, formatSeconds, placeName } from '../format.ts'
import { firstBest, totalTokens } from '../iterations.ts'
import type { RunNode, RunRecord } from '../record.ts'
import { childrenOf, pathTo } from '../tree.ts'
import { messagesOf } from './preferences.ts'

/** The report's own words, in the language of whoever reads it. */
export interface ReportWords {
  readonly title: string
  readonly question: string
  readonly best: string
  readonly gain: (gain: string) => string
  readonly rewards: string
  readonly columns: readonly [
    iteration: string,
    mean: string,
    best: string,
    worst: string,
    spread: string,
  ]
  readonly iteration: (iteration: number) => string
  readonly answer: (name: string) => string
  readonly reward: (reward: string) => string
  readonly noReward: string
  readonly own: string
  readonly chosen: string
  readonly rejected: string
  readonly loss: string
  readonly gradient: string
  readonly edited: string
  readonly spent: (spent: { calls: string; tokens: string; seconds: string }) => string
}

export const englishReport: ReportWords = {
  title: 'A run of Test-Time Preference Optimization',
  question: 'Question',
  best: 'Best answer',
  gain: (gain) => `${gain} over the first best`,
  rewards: 'Rewards',
  columns: ['Iteration', 'Mean', 'Best', 'Worst', 'Spread'],
  iteration: (iteration) => `Iteration ${iteration}`,
  answer: (name) => `Answer ${name}`,
  reward: (reward) => `reward ${reward}`,
  noReward: 'no reward',
  own: 'a text of one’s own',
  chosen: 'chosen',
  rejected: 'rejected',
  loss: 'Textual loss',
  gradient: 'Textual gradient',
  edited: 'edited',
  spent: ({ calls, tokens, seconds }) => `${calls} model calls · ${tokens} tokens · ${seconds}`,
}

/** From the start to `node`. Texts of models stand in quotation blocks, so none can pass for the report. */
export function runMarkdown(record: RunRecord, node: RunNode, words: ReportWords): string {
  const branch = pathTo(record, node)
  const { run } = node
  const steps = branch.flatMap(({ step }) => (step === null ? [] : [step]))
  const first = firstBest(steps)
  const { mode, samples, iterations } = record.request
  const settings =
    mode === 'bon' ? `${mode} · N=${samples}` : `${mode} · N=${samples} · D=${iterations}`
  const spent = words.spent({
    calls: formatCount(run.usage.model_calls),
    tokens: formatCount(totalTokens(run)),
    seconds: formatSeconds(run.usage.seconds),
  })
  const parts = [
    `# ${words.title}`,
    `${record.created_at.slice(0, 10)} · ${settings} · ${spent}`,
    `## ${words.question}`,
    ...messagesOf(record.request).flatMap(({ role, content }, _, { length }) =>
      length === 1 ? [quoted(content)] : [`**${role}**`, quoted(content)],
    ),
  ]
  if (run.best !== null && first !== null) {
    const { iteration, index, reward, text } = run.best
    parts.push(
      `## ${words.best}`,
      [
        words.answer(placeName(iteration, index)),
        words.reward(formatReward(reward)),
        words.gain(formatGain(reward - first.reward)),
      ].join(' · '),
      quoted(text),
    )
  }
  if (run.history.length > 0) {
    parts.push(`## ${words.rewards}`, rewardTable(run.history, words))
  }
  for (const [place, at] of branch.entries()) {
    parts.push(...stepParts(record, at, branch[place - 1], branch[place + 1], words))
  }
  return `${parts.join('\n\n')}\n`
}

function stepParts(
  record: RunRecord,
  node: RunNode,
  before: RunNode | undefined,
  after: RunNode | undefined,
  words: ReportWords,
): string[] {
  const { step, edit } = node
  if (step === null || before === undefined) return []
  const { name, iteration, text = '', candidates = [] } = step
  const parts =
    before.step === null || before.step.iteration !== iteration
      ? [`## ${words.iteration(iteration)}`]
      : []
  if (name === 'loss' || name === 'gradient') {
    const own = after?.edit?.[name]
    const title = own === undefined ? words[name] : `${words[name]} (${words.edited})`
    parts.push(`### ${title}`)
    const pair = name === 'loss' ? comparedIn(before.run, edit) : null
    if (pair !== null) parts.push(pairLine(pair, words))
    parts.push(quoted(own ?? text))
  } else if (name === 'score' || childrenOf(record, node.id).length === 0) {
    for (const candidate of byReward(candidates)) {
      const { index, reward, text: answer } = candidate
      const worth = reward === undefined ? words.noReward : words.reward(formatReward(reward))
      const title = `${words.answer(placeName(iteration, index))} · ${worth}`
      parts.push(`### ${title}`, quoted(answer))
    }
  }
  return parts
}

function pairLine({ chosen, rejected }: Pair, words: ReportWords): string {
  const name = ({ place }: Compared) =>
    place === null ? words.own : words.answer(placeName(place.iteration, place.index))
  const line = `${words.chosen}: ${name(chosen)}`
  return rejected === null ? line : `${line} · ${words.rejected}: ${name(rejected)}`
}

const byReward = (candidates: readonly Candidate[]) =>
  candidates.toSorted((a, b) => (b.reward ?? -Infinity) - (a.reward ?? -Infinity) || 0)

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`

function rewardTable(history: readonly IterationSummary[], { columns }: ReportWords): string {
  return [
    row(columns),
    row(columns.map(() => '---:')),
    ...history.map(({ iteration, mean, best, worst, std }) =>
      row([String(iteration), ...[mean, best, worst, std].map(formatReward)]),
    ),
  ].join('\n')
}

/** A quotation block: its end is the report's, whatever marks the text leaves open. */
const quoted = (text: string): string =>
  text
    .split(/\r\n?|\n/)
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n')
