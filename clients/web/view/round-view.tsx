import type { Signal } from '@preact/signals'
import { placeName } from '../../common/format.ts'
import type { Round } from '../rounds.ts'
import type { RunStore } from '../run-store.ts'
import { texts } from '../texts.ts'
import { anchors } from './follow.ts'
import { LaneCard } from './lane-card.tsx'

/** One iteration: the critique and advice that led to it, then its candidates side by side. */
export function RoundView({ round, store }: { round: Round; store: RunStore }) {
  const { iteration } = round
  const title = `iteration-${iteration}`
  return (
    <section class="round" id={anchors.round(iteration)} aria-labelledby={title}>
      <h2 id={title}>
        {texts.iteration(iteration)}
        <span>{iteration === 0 ? texts.firstAnswers : texts.rewritten}</span>
      </h2>
      <Compared round={round} />
      <div class="critique">
        <Criticism
          title={texts.loss}
          about={texts.lossAbout}
          text={round.loss}
          writing={isAt(store, 'loss', iteration)}
        />
        <Criticism
          title={texts.gradient}
          about={texts.gradientAbout}
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

function Compared({ round }: { round: Round }) {
  if (round.compared.value === null) return null
  const { chosen, rejected } = round.compared.value
  const name = placeName(chosen.iteration, chosen.index)
  return (
    <p class="compared">
      {rejected === null
        ? texts.criticised(name)
        : texts.compared(name, placeName(rejected.iteration, rejected.index))}
    </p>
  )
}

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
