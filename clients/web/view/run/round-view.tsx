import { computed, type Signal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { Compared } from '../../../common/compared.ts'
import type { Round } from '../../state/rounds.ts'
import type { RunStore } from '../../state/runs.ts'
import { words } from '../../words/index.ts'
import { Markdown } from '../parts/markdown.tsx'
import { PlaceLink } from '../parts/place-link.tsx'
import { ScrollBox } from '../parts/scroll-box.tsx'
import { AnatomyButton } from '../steer/anatomy-button.tsx'
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

/** What was compared, and by how much the two were apart. */
function ComparedNote({ round }: { round: Round }) {
  if (round.compared.value === null) return null
  const { chosen, rejected } = round.compared.value
  const text = words.value.run
  return (
    <p class="compared">
      <span class="role is-chosen">{text.chosen}</span> <AnswerName answer={chosen} />
      {rejected === null ? (
        <span>{text.alone}</span>
      ) : (
        <>
          <span>{text.against}</span>
          <span class="role is-rejected">{text.rejected}</span> <AnswerName answer={rejected} />
        </>
      )}
      <AnatomyButton iteration={round.iteration} />
    </p>
  )
}

const AnswerName = ({ answer: { place } }: { answer: Compared }) =>
  place === null ? <span>{words.value.run.ownAnswer}</span> : <PlaceLink {...place} />

interface CriticismProps {
  title: string
  about: string
  text: Signal<string>
  writing: boolean
}

function Criticism({ title, about, text, writing }: CriticismProps) {
  const started = useMemo(() => computed(() => text.value !== ''), [text])
  if (!started.value && !writing) return null
  return (
    <article class="criticism">
      <h3>
        {title} <span>{about}</span>
      </h3>
      <ScrollBox class={writing ? 'prose is-writing' : 'prose'} label={title}>
        <Markdown text={text} />
      </ScrollBox>
    </article>
  )
}
