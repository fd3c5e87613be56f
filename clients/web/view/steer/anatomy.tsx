import type { ComponentChildren } from 'preact'
import { formatGain, placeName } from '../../../common/format.ts'
import type { Compared } from '../../../common/compared.ts'
import type { Lane, Round } from '../../state/rounds.ts'
import type { RunStore } from '../../state/runs.ts'
import { anatomy } from '../../state/sheets.ts'
import { words } from '../../words/index.ts'
import { Sheet } from '../parts/sheet.tsx'
import { WordDiff } from '../parts/word-diff.tsx'
import { RewardButton } from './reward-button.tsx'

interface AnatomyProps {
  store: RunStore
  iteration: number
}

/** How one iteration came to its answer, in the order in which it happened. */
export function Anatomy({ store, iteration }: AnatomyProps) {
  const text = words.value.steer
  const rounds = store.rounds.value
  const round = rounds.find((entry) => entry.iteration === iteration)
  const to = (iteration: number, label: string) => (
    <button
      type="button"
      class="button quiet"
      disabled={!rounds.some((entry) => entry.iteration === iteration)}
      onClick={() => {
        anatomy.value = iteration
      }}
    >
      {label}
    </button>
  )
  return (
    <Sheet
      title={text.anatomyOf(iteration)}
      aside={
        <span class="sheet-turn">
          {to(iteration - 1, text.earlier)}
          {to(iteration + 1, text.later)}
        </span>
      }
      close={() => {
        anatomy.value = null
      }}
    >
      {round === undefined ? (
        <p class="hint">{text.notYet}</p>
      ) : (
        <Parts round={round} rounds={rounds} />
      )}
    </Sheet>
  )
}

/** Of the first answers, which nothing was compared for, there are only the best and the worst. */
function Parts({ round, rounds }: { round: Round; rounds: readonly Round[] }) {
  const { steer: text, run } = words.value
  const compared = round.compared.value
  const answers = ranked(round)
  const [result, worst] = [answers[0], answers.at(-1)]
  const pair =
    compared ??
    (result && worst && { chosen: comparedOf(round, result), rejected: comparedOf(round, worst) })
  const before = pair && laneOf(rounds, pair.chosen)?.reward.value
  const gain = result?.reward.value == null || before == null ? null : result.reward.value - before
  const answer = (title: string, kind: PartProps['kind'], compared: Compared) => {
    const home = rounds.find(({ iteration }) => iteration === compared.place?.iteration)
    const lane = laneOf(rounds, compared)
    return (
      <Part title={title} kind={kind} aside={home && lane ? rewardOf(home, lane) : run.ownAnswer}>
        {compared.text}
      </Part>
    )
  }
  return (
    <div class="anatomy">
      {pair && answer(run.chosen, 'chosen', pair.chosen)}
      {pair?.rejected && answer(run.rejected, 'rejected', pair.rejected)}
      {compared !== null && (
        <>
          <Part title={run.loss} about={run.lossAbout} kind="critic">
            {round.loss.value || text.notYet}
          </Part>
          <Part title={run.gradient} about={run.gradientAbout} kind="critic">
            {round.gradient.value || text.notYet}
          </Part>
          <Part
            title={text.result}
            about={text.resultAbout}
            kind="result"
            aside={
              result && (
                <>
                  {gain !== null && <span class="gain">{run.gain(formatGain(gain))}</span>}
                  {rewardOf(round, result)}
                </>
              )
            }
          >
            {result?.text ?? text.notYet}
          </Part>
          {result !== undefined && (
            <Part title={text.changes} kind="changes">
              <WordDiff before={compared.chosen.text} after={result.text.value} />
            </Part>
          )}
        </>
      )}
    </div>
  )
}

const comparedOf = ({ iteration }: Round, { text, index }: Lane): Compared => ({
  text: text.value,
  place: { iteration, index },
})

interface PartProps {
  title: string
  about?: string
  kind: 'chosen' | 'rejected' | 'critic' | 'result' | 'changes'
  aside?: ComponentChildren
  children: ComponentChildren
}

function Part({ title, about, kind, aside, children }: PartProps) {
  return (
    <section class={`part is-${kind}`} aria-label={title}>
      <header>
        <h3>
          {title} {about !== undefined && <span>{about}</span>}
        </h3>
        {aside}
      </header>
      <div class="said">{children}</div>
    </section>
  )
}

/** The scored candidates, the highest reward first. */
const ranked = ({ lanes }: Round): Lane[] =>
  lanes.value
    .filter(({ reward }) => reward.value !== null)
    .sort((a, b) => (b.reward.value ?? 0) - (a.reward.value ?? 0))

const laneOf = (rounds: readonly Round[], { place }: Compared): Lane | undefined =>
  rounds
    .find(({ iteration }) => iteration === place?.iteration)
    ?.lanes.value.find(({ index }) => index === place?.index)

const rewardOf = ({ iteration, nodes }: Round, { index, reward }: Lane) => (
  <span class="placed">
    <span class="place">{placeName(iteration, index)}</span>
    {reward.value !== null && (
      <RewardButton reward={reward.value} node={nodes.value.score} index={index} />
    )}
  </span>
)
