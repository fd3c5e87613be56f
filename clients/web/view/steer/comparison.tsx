import type { ComponentChildren } from 'preact'
import type { Edit, Run } from '../../../../shared/client.ts'
import {
  formatCount,
  formatGain,
  formatReward,
  formatSeconds,
  placeName,
} from '../../../common/format.ts'
import { totalTokens } from '../../../common/iterations.ts'
import type { RunNode, RunRecord } from '../../../common/record.ts'
import { forkOf, nodeOf, pathTo, scoredAnswers } from '../../../common/tree.ts'
import { comparison } from '../../state/sheets.ts'
import { words } from '../../words/index.ts'
import { Sheet } from '../parts/sheet.tsx'
import { WordDiff } from '../parts/word-diff.tsx'
import { Chart } from '../run/reward-curve.tsx'
import { comparable } from './comparison-choice.ts'
import { positionName } from './position-name.ts'
import { RewardButton } from './reward-button.tsx'

interface ComparisonProps {
  record: RunRecord
  /** Ids of two scored positions. */
  one: string
  other: string
}

/** Two positions side by side: what they came to, and what made them differ. */
export function Comparison({ record, one, other }: ComparisonProps) {
  const { compose, steer: text } = words.value
  const { mode, samples, iterations, seed } = record.request
  const nodes = [nodeOf(record, one), nodeOf(record, other)] as const
  const paths = [pathTo(record, nodes[0]), pathTo(record, nodes[1])] as const
  const [first, second] = [nodes[0].run.best, nodes[1].run.best]
  const fork = forkOf(record, ...nodes)
  const side = (at: 0 | 1) => (
    <Side
      label={at === 0 ? text.positionOne : text.positionOther}
      kind={`branch-${at + 1}`}
      record={record}
      node={nodes[at]}
      path={paths[at]}
      fork={fork}
      pick={(id) => {
        comparison.value = at === 0 ? { one: id, other } : { one, other: id }
      }}
    />
  )
  return (
    <Sheet
      title={text.compareTwo}
      close={() => {
        comparison.value = null
      }}
    >
      <p class="hint">
        {compose.settingsBrief(mode, samples, iterations, seed)}
        <br />
        {text.forkedAt(positionName(fork))}
      </p>
      <div class="sides">
        {side(0)}
        {side(1)}
      </div>
      {first !== null && second !== null && (
        <>
          <p class="difference">
            <span class={second.reward > first.reward ? 'gain' : 'gain is-loss'}>
              {text.difference(formatGain(second.reward - first.reward))}
            </span>
          </p>
          <Section title={text.diffOfBest}>
            <div class="said">
              <WordDiff before={first.text} after={second.text} />
            </div>
          </Section>
        </>
      )}
      <Section title={text.rewardsOfBoth}>
        <div class="curve-body">
          <Chart
            branches={paths.map((path, at) => ({
              dots: scoredAnswers(path),
              best: nodes[at === 0 ? 0 : 1].run.best,
            }))}
            iterations={0}
          />
          <BestTable runs={[nodes[0].run, nodes[1].run]} />
        </div>
      </Section>
    </Sheet>
  )
}

function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  )
}

interface SideProps {
  label: string
  kind: string
  record: RunRecord
  node: RunNode
  path: readonly RunNode[]
  fork: RunNode
  pick: (id: string) => void
}

function Side({ label, kind, record, node, path, fork, pick }: SideProps) {
  const { steer: text, run: runText } = words.value
  const { best, usage } = node.run
  const edited = path.slice(path.indexOf(fork) + 1).filter(({ edit }) => edit !== undefined)
  const home =
    best === null
      ? undefined
      : path.find(({ step }) => step?.name === 'score' && step.iteration === best.iteration)
  return (
    <section class={`side ${kind}`} aria-label={label}>
      <label class="side-pick">
        <span>{label}</span>
        <select value={node.id} onChange={({ currentTarget }) => pick(currentTarget.value)}>
          {comparable(record).map((position) => (
            <option key={position.id} value={position.id}>
              {optionName(record, position)}
            </option>
          ))}
        </select>
      </label>
      {best !== null && (
        <>
          <header>
            <h3>{runText.best}</h3>
            <span class="place">{placeName(best.iteration, best.index)}</span>
            <RewardButton reward={best.reward} node={home?.id} index={best.index} />
          </header>
          <div class="said">{best.text}</div>
        </>
      )}
      <h3>{text.changedHere}</h3>
      {edited.length === 0 ? (
        <p class="hint">{text.nothingEdited}</p>
      ) : (
        <dl class="edits">
          {edited.map((position) => (
            <EditRows key={position.id} node={position} />
          ))}
        </dl>
      )}
      <p class="hint side-spent">
        {`${formatCount(totalTokens(node.run))} ${runText.tokens} · ${formatCount(usage.model_calls)} ${runText.modelCalls} · ${formatSeconds(usage.seconds)}`}
      </p>
    </section>
  )
}

/** A position, what was last edited on the way there, and how good it is. */
function optionName(record: RunRecord, node: RunNode): string {
  const edited = pathTo(record, node).findLast(({ edit }) => edit !== undefined)
  return [
    `#${node.id} ${positionName(node)}`,
    ...(node.run.best === null ? [] : [formatReward(node.run.best.reward)]),
    ...(edited?.edit === undefined
      ? []
      : [words.value.steer.edited(Object.keys(edited.edit) as (keyof Edit)[])]),
  ].join(' · ')
}

function EditRows({ node: { edit = {}, step } }: { node: RunNode }) {
  if (step === null) return null
  const { sampling = {}, ...fields } = edit
  const { steer } = words.value
  const names: Readonly<Record<string, string>> = { ...steer.edits, ...steer.sampling }
  return (
    <>
      {Object.entries({ ...fields, ...sampling }).map(([name, value]) => (
        <div key={name}>
          <dt>{`${positionName({ step })}: ${names[name] ?? name}`}</dt>
          <dd>{valueName(value, step.iteration)}</dd>
        </div>
      ))}
    </>
  )
}

/** A field of an edit: texts, indexes of answers, best or worst, or a number of the sampling. */
function valueName(value: NonNullable<Edit[keyof Edit]> | number, iteration: number): string {
  const { isBest, isWorst } = words.value.steer
  if (value === 'best') return isBest
  if (value === 'worst') return isWorst
  if (typeof value !== 'object') return String(value)
  if (!Array.isArray(value)) return 'text' in value ? value.text : ''
  return value
    .map((one) => (typeof one === 'number' ? placeName(iteration, one) : one))
    .join('\n\n')
}

/** The best of each iteration, in numbers. */
function BestTable({ runs }: { runs: readonly [Run, Run] }) {
  const { run, steer } = words.value
  const iterations = new Set(
    runs.flatMap(({ history }) => history.map(({ iteration }) => iteration)),
  )
  return (
    <table>
      <thead>
        <tr>
          <th scope="col">{run.columnIteration}</th>
          <th scope="col">{steer.positionOne}</th>
          <th scope="col">{steer.positionOther}</th>
        </tr>
      </thead>
      <tbody>
        {[...iterations]
          .sort((a, b) => a - b)
          .map((iteration) => (
            <tr key={iteration}>
              <th scope="row">{iteration}</th>
              {runs.map((one, at) => {
                const best = one.history.find((entry) => entry.iteration === iteration)?.best
                // oxlint-disable-next-line react/no-array-index-key -- first and second
                return <td key={at}>{best === undefined ? '–' : formatReward(best)}</td>
              })}
            </tr>
          ))}
      </tbody>
    </table>
  )
}
