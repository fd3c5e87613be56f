/** What the page shows of each iteration, filled by the events and answers of its steps. */
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type {
  Candidate,
  Edit,
  Next,
  Run,
  Step,
  StepName,
  StreamEvent,
  Warning,
} from '../../../shared/client.ts'
import { comparedIn, type Pair } from '../../common/compared.ts'
import type { RunNode } from '../../common/record.ts'

/** One candidate as it is written; a delta changes one signal, so one text node. */
export interface Lane {
  readonly index: number
  readonly text: Signal<string>
  readonly thinking: Signal<string>
  readonly reward: Signal<number | null>
  /** The server's finish reason; null while the candidate is being written. */
  readonly finish: Signal<string | null>
  /** Whether there is any text, and any thinking; these change once, however long it is written. */
  readonly started: ReadonlySignal<boolean>
  readonly thinks: ReadonlySignal<boolean>
}

export interface Round {
  readonly iteration: number
  readonly lanes: Signal<readonly Lane[]>
  readonly loss: Signal<string>
  readonly gradient: Signal<string>
  readonly compared: Signal<Pair | null>
  readonly warnings: Signal<readonly Warning[]>
  /** The positions that its steps came to, by id. */
  readonly nodes: Signal<Readonly<Partial<Record<StepName, string>>>>
}

export const newRound = (iteration: number): Round => ({
  iteration,
  lanes: signal([]),
  loss: signal(''),
  gradient: signal(''),
  compared: signal(null),
  warnings: signal([]),
  nodes: signal({}),
})

function newLane(index: number): Lane {
  const text = signal('')
  const thinking = signal('')
  return {
    index,
    text,
    thinking,
    reward: signal(null),
    finish: signal(null),
    started: computed(() => text.value !== ''),
    thinks: computed(() => thinking.value !== ''),
  }
}

/** The rounds of a branch, as its positions tell them. */
export function roundsOf(path: readonly RunNode[]): Round[] {
  const rounds: Round[] = []
  for (const [at, { id, step, edit }] of path.entries()) {
    const before = path[at - 1]
    if (step === null || before === undefined) continue
    const round = roundAt(rounds, step.iteration)
    beginStep(round, { step: step.name, iteration: step.iteration }, before.run, edit)
    settleStep(round, step, id)
  }
  return rounds
}

/** The round of an iteration; added where there is none yet. */
export function roundAt(rounds: Round[], iteration: number): Round {
  const known = rounds.find((entry) => entry.iteration === iteration)
  if (known !== undefined) return known
  const added = newRound(iteration)
  rounds.push(added)
  return added
}

/** Clears what an earlier attempt at this step left, and opens its lanes. */
export function beginStep(round: Round, { step }: Next, run: Run, edit: Edit = {}): void {
  if (step === 'sample' || step === 'update') {
    const samples = edit.sampling?.samples ?? run.samples
    round.lanes.value = Array.from({ length: samples }, (_, index) => newLane(index))
    round.warnings.value = []
  } else if (step === 'score') {
    const { drop = [] } = edit
    round.lanes.value = round.lanes.value.filter(({ index }) => !drop.includes(index))
    for (const { reward } of round.lanes.value) reward.value = null
  } else if (step === 'loss') {
    round.loss.value = ''
    round.compared.value = comparedIn(run, edit)
  } else {
    round.gradient.value = ''
  }
  // What a person wrote stands in the place of what the critic said.
  if (edit.loss !== undefined) round.loss.value = edit.loss
  if (edit.gradient !== undefined) round.gradient.value = edit.gradient
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

/** The step's answer, which has the last word over its events, and the position it came to. */
export function settleStep(round: Round, step: Step, id: string): void {
  for (const candidate of step.candidates ?? []) fillLane(round, candidate)
  if (step.name === 'loss' || step.name === 'gradient') round[step.name].value = step.text ?? ''
  for (const warning of step.warnings ?? []) {
    const others = round.warnings.value.filter(({ code }) => code !== warning.code)
    round.warnings.value = [...others, warning]
  }
  round.nodes.value = { ...round.nodes.value, [step.name]: id }
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
