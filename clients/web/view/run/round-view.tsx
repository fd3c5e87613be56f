import type { Signal } from '@preact/signals'
import { placeName } from '../../../common/format.ts'
import type { Compared } from '../../../common/compared.ts'
import type { Round } from '../../state/rounds.ts'
import type { RunStore } from '../../state/runs.ts'
import { words } from '../../words/index.ts'
import { anchors } from './follow.ts'
import { LaneCard } from './lane-card.tsx'

/** One iteration: the critique and advice that led to it, then its candidates side by side. */
export function RoundView({ round, store }: { round: Round; store: RunStore }) {
  const { iteration } = round
  const title = `iteration-${iteration}`
  return (
    <section class="round" id={anchors.round(iteration)} aria-labelledby={title}>
      <h2 id={title}>
        {words.value.run.iteration(iteration)}
        <span>{iteration === 0 ? words.value.run.firstAnswers : words.value.run.rewritten}</span>
      </h2>
      <ComparedNote round={round} />
      <div class="critique">
        <Criticism
          title={words.value.run.loss}
          about={words.value.run.lossAbout}
          text={round.loss}
          writing={isAt(store, 'loss', iteration)}
        />
        <Criticism
          title={words.value.run.gradient}
          about={words.value.run.gradientAbout}
          text={round.gradient}
          writing={isAt(store, 'gradient', iteration)}
        />
      </div>
      {round.warnings.value.map(({ code, detail }) => (
        <p key={code} class="warning">
          {detail}
        </p>
      ))}
      <div class="lanes" id={anchors.lanes(iteration)}>
        {round.lanes.value.map((lane) => (
          <LaneCard key={lane.index} iteration={iteration} lane={lane} store={store} />
        ))}
      </div>
    </section>
  )
}

const isAt = ({ status, current }: RunStore, step: 'loss' | 'gradient', iteration: number) =>
  status.value === 'running' &&
  current.value?.step === step &&
  current.value.iteration === iteration

function ComparedNote({ round }: { round: Round }) {
  if (round.compared.value === null) return null
  const { chosen, rejected } = round.compared.value
  const text = words.value.run
  return (
    <p class="compared">
      {rejected === null
        ? text.criticised(nameOf(chosen))
        : text.compared(nameOf(chosen), nameOf(rejected))}
    </p>
  )
}

const nameOf = ({ place }: Compared) =>
  place === null ? words.value.run.ownAnswer : placeName(place.iteration, place.index)

interface CriticismProps {
  title: string
  about: string
  text: Signal<string>
  writing: boolean
}

function Criticism({ title, about, text, writing }: CriticismProps) {
  if (text.value === '' && !writing) return null
  return (
    <article class="criticism">
      <h3>
        {title} <span>{about}</span>
      </h3>
      <div class={writing ? 'prose is-writing' : 'prose'}>{text}</div>
    </article>
  )
}
