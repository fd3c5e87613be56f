/** What the page shows of each iteration, filled by the events and answers of its steps. */
import { type Signal, signal } from '@preact/signals'
import type {
  Candidate,
  Next,
  Ranked,
  Run,
  StepAnswer,
  StreamEvent,
  Warning,
} from '../../shared/client.ts'

/** One candidate as it is written; a delta changes one signal, so one text node. */
export interface Lane {
  readonly index: number
  readonly text: Signal<string>
  readonly thinking: Signal<string>
  readonly reward: Signal<number | null>
  /** The server's finish reason; null while the candidate is being written. */
  readonly finish: Signal<string | null>
}

export interface Round {
  readonly iteration: number
  readonly lanes: Signal<readonly Lane[]>
  readonly loss: Signal<string>
  readonly gradient: Signal<string>
  /** The answers the textual loss speaks about. */
  readonly compared: Signal<{ readonly chosen: Ranked; readonly rejected: Ranked | null } | null>
  readonly warnings: Signal<readonly Warning[]>
}

export const newRound = (iteration: number): Round => ({
  iteration,
  lanes: signal([]),
  loss: signal(''),
  gradient: signal(''),
  compared: signal(null),
  warnings: signal([]),
})

const newLane = (index: number): Lane => ({
  index,
  text: signal(''),
  thinking: signal(''),
  reward: signal(null),
  finish: signal(null),
})

/** Clears what an earlier attempt at this step left, and opens its lanes. */
export function beginStep(round: Round, { step }: Next, run: Run): void {
  if (step === 'sample' || step === 'update') {
    round.lanes.value = Array.from({ length: run.samples }, (_, index) => newLane(index))
    round.warnings.value = []
  } else if (step === 'score') {
    for (const { reward } of round.lanes.value) reward.value = null
  } else if (step === 'loss') {
    round.loss.value = ''
    const { best, worst, mode } = run
    const alone = mode === 'revision' || worst?.text === best?.text
    round.compared.value = best === null ? null : { chosen: best, rejected: alone ? null : worst }
  } else {
    round.gradient.value = ''
  }
}

/** One event of the step's stream. */
export function receiveEvent(round: Round, { step }: Next, event: StreamEvent): void {
  if (event.type === 'candidate') fillLane(round, event.candidate)
  else if (event.type === 'score') laneOf(round, event.index).reward.value = event.reward
  else if (event.type !== 'delta') return
  else if (step === 'loss' || step === 'gradient') {
    if (event.channel === 'answer') round[step].value += event.text
  } else {
    const { text, thinking } = laneOf(round, event.index)
    ;(event.channel === 'answer' ? text : thinking).value += event.text
  }
}

/** The step's answer, which has the last word over its events. */
export function settleStep(round: Round, { step }: StepAnswer): void {
  for (const candidate of step.candidates ?? []) fillLane(round, candidate)
  if (step.name === 'loss' || step.name === 'gradient') round[step.name].value = step.text ?? ''
  for (const warning of step.warnings ?? []) {
    const others = round.warnings.value.filter(({ code }) => code !== warning.code)
    round.warnings.value = [...others, warning]
  }
}

function fillLane(round: Round, candidate: Candidate): void {
  const lane = laneOf(round, candidate.index)
  lane.text.value = candidate.text
  lane.thinking.value = candidate.thinking ?? lane.thinking.value
  lane.finish.value = candidate.finish_reason
  lane.reward.value = candidate.reward ?? lane.reward.value
}

function laneOf(round: Round, index: number): Lane {
  const known = round.lanes.value.find((lane) => lane.index === index)
  if (known !== undefined) return known
  const added = newLane(index)
  round.lanes.value = [...round.lanes.value, added]
  return added
}
