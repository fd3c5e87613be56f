/** Random runs on the pure algorithm: steps, edits, forks and retries in any order keep its promises. */
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { applyEdit, sampling } from '../../api/algorithm/edits.ts'
import { pair } from '../../api/algorithm/select.ts'
import { State } from '../../api/algorithm/state.ts'
import { conclude } from '../../api/algorithm/stop.ts'
import {
  applyCandidates,
  applyGradient,
  applyLoss,
  applyScore,
  begin,
  nextStep,
  scorable,
  spend,
  toRun,
} from '../../api/algorithm/transitions.ts'
import type { Edit } from '../../shared/edit.ts'
import { ProblemError } from '../../shared/problems.ts'
import { StartRequest, type StepName, type Usage } from '../../shared/tpo.ts'
import { digest } from '../fakes/fake-vllm.ts'
import { present } from './house.ts'

/** Few different ones, so that there are ties. */
const rewardOf = (text: string) => (Number.parseInt(digest(text), 16) % 7) - 3

const text = fc.string({ minLength: 1, maxLength: 2, unit: fc.constantFrom('a', 'b', 'c') })
const answer = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom('best' as const, 'worst' as const) },
  { weight: 1, arbitrary: fc.record({ text }) },
)
const texts = fc.array(text, { minLength: 1, maxLength: 3 })
const drop = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 })
const drawing = fc.record(
  { samples: fc.integer({ min: 1, max: 4 }), seed: fc.nat(), temperature: fc.constant(1) },
  { requiredKeys: [] },
)
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ add: texts, drop }, { requiredKeys: [] }),
  fc.record({ chosen: answer, rejected: answer }, { requiredKeys: [] }),
  fc.record({ loss: text }),
  fc.record({ gradient: text, sampling: drawing }, { requiredKeys: [] }),
  fc.record({ add: texts, chosen: answer, loss: text }, { requiredKeys: [] }),
)

const settings = fc.record({
  query: fc.constant('Q'),
  mode: fc.constantFrom('tpo' as const, 'revision' as const, 'bon' as const),
  samples: fc.integer({ min: 1, max: 4 }),
  iterations: fc.integer({ min: 0, max: 4 }),
  stop: fc.oneof(
    fc.record(
      { plateau: fc.integer({ min: 1, max: 2 }), deadline: fc.integer({ min: 20, max: 200 }) },
      { requiredKeys: [] },
    ),
    fc.record(
      { target_reward: fc.integer({ min: 0, max: 9 }), min_gap: fc.integer({ min: 0, max: 2 }) },
      { requiredKeys: [] },
    ),
    fc.record({ token_budget: fc.integer({ min: 20, max: 600 }) }),
  ),
})

const command = fc.record({
  /** How far back the cursor is that is sent: 0 goes on, more forks. */
  back: fc.oneof({ weight: 1, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(12) }),
  edit: fc.oneof({ weight: 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: edit }),
  /** What the policy writes; empty answers among it. */
  answers: fc.array(fc.oneof({ weight: 5, arbitrary: text }, fc.constant('')), {
    minLength: 4,
    maxLength: 4,
  }),
  spent: fc.record({
    prompt_tokens: fc.nat(20),
    completion_tokens: fc.nat(20),
    model_calls: fc.nat(3),
    reward_calls: fc.nat(1),
    seconds: fc.nat(10),
  }),
})
interface Command {
  back: number
  edit: Edit | undefined
  answers: string[]
  spent: Usage
}

/** One step as the API takes it, models aside. Throws where it would refuse or fail. */
function take(state: State, { edit, answers, spent }: Command): State {
  const edited = applyEdit(state, edit)
  const { iteration, step } = nextStep(edited)
  const draw = () => {
    const drawn = answers.slice(0, sampling(edited).samples)
    if (drawn.every((answer) => answer === '')) throw new ProblemError(empty)
    return applyCandidates(
      edited,
      drawn.map((text, index) => ({ index, text, finish_reason: 'stop', tokens: 1 })),
    )
  }
  const moves: Record<StepName, () => State> = {
    sample: draw,
    update: draw,
    score: () =>
      applyScore(
        edited,
        scorable(edited).map(({ index, text }) => ({ index, text, reward: rewardOf(text) })),
      ),
    loss: () => applyLoss(edited, `loss ${iteration}`),
    gradient: () => applyGradient(edited, `gradient ${iteration}`),
  }
  return conclude(spend(moves[step](), spent))
}

const empty = {
  type: '',
  title: '',
  status: 502,
  detail: '',
  code: 'policy_empty' as const,
  retryable: true,
}

const places: Record<keyof Edit, readonly StepName[]> = {
  add: ['score'],
  drop: ['score'],
  chosen: ['loss'],
  rejected: ['loss'],
  loss: ['gradient'],
  gradient: ['update'],
  sampling: ['sample', 'update'],
}

/** Whether an edit may be made before this step at all. */
const fits = (edit: Edit = {}, step: StepName) =>
  (Object.keys(edit) as (keyof Edit)[]).every((field) => places[field].includes(step))

const after: Record<StepName, StepName> = {
  sample: 'score',
  score: 'loss',
  loss: 'gradient',
  gradient: 'update',
  update: 'score',
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null)
    Object.values(Object.freeze(value)).forEach(freeze)
  return value
}

/** What holds of every step, whatever was edited before it. */
function expectStep(from: State, to: State, { spent }: Command): void {
  const step = present(from.next ?? undefined)
  const [before, run] = [toRun(from), toRun(to)]
  for (const key of Object.keys(spent) as (keyof Usage)[]) {
    expect(run.usage[key]).toBe(before.usage[key] + spent[key])
  }
  expect(run.best?.reward ?? 0).toBeGreaterThanOrEqual(before.best?.reward ?? -99)
  expect(run.worst?.reward ?? 0).toBeLessThanOrEqual(before.worst?.reward ?? 99)
  if (step.step !== 'score') {
    expect([to.best, to.worst, to.history]).toEqual([from.best, from.worst, from.history])
  } else {
    expect(run.history).toHaveLength(before.history.length + 1)
  }
  expect(run.history.map(({ iteration }) => iteration)).toEqual([...run.history.keys()])
  if (to.best === null) expect(run.history).toEqual([])
  else {
    expect(to.best.reward).toBe(Math.max(...run.history.map(({ best }) => best)))
    const { chosen, rejected } = pair(to)
    expect(rejected?.text).not.toBe(chosen.text)
  }
  expect(run.iteration).toBeLessThanOrEqual(run.iterations)
  expect(run.stop_reason === null).toBe(to.next !== null)
  // Edits of an iteration end with its answers, those of a draw with the draw.
  expect(to.edited === undefined || ['gradient', 'update', undefined].includes(to.next?.step)).toBe(
    true,
  )
  expect(run.samples).toBe(before.samples)
  expect([to.seed, to.policy]).toEqual([from.seed, from.policy])
}

/** What holds where a run goes on, and where it ends. */
function expectEnd(from: State, to: State): void {
  const step = present(from.next ?? undefined)
  const { history, best, usage, iterations, stop_reason } = toRun(to)
  if (to.next !== null) {
    expect(to.next.step).toBe(after[step.step])
    expect(to.next.iteration).toBe(step.iteration + (step.step === 'score' ? 1 : 0))
    return
  }
  expect(best).not.toBeNull()
  const { stop } = to
  const reached = present(best ?? undefined).reward
  const holds: Record<NonNullable<typeof stop_reason>, () => boolean> = {
    iterations: () => history.length === iterations + 1,
    target_reward: () => reached >= present(stop.target_reward),
    plateau: () =>
      history
        .slice(-present(stop.plateau))
        .every((round) =>
          history.some((old) => old.iteration < round.iteration && old.best >= round.best),
        ),
    small_gap: () => {
      const last = present(history.at(-1))
      return last.best - last.worst < present(stop.min_gap)
    },
    token_budget: () =>
      2 * (usage.prompt_tokens + usage.completion_tokens) >= present(stop.token_budget),
    deadline: () => 2 * usage.seconds >= present(stop.deadline),
  }
  expect(holds[present(stop_reason ?? undefined)](), String(stop_reason)).toBe(true)
}

/** Plays the commands, each from the state it goes back to; notes what happened. */
function play(start: StartRequest, commands: readonly Command[], note: (what: string) => void) {
  const identity = { id: 'run', created_at: '2026-11-22T10:00:00.000Z' }
  const states = [freeze(begin(StartRequest.parse(start), identity))]
  for (const command of commands) {
    // Now and then any state, ends among them; else one that goes on.
    const pool = command.back === 1 ? states : states.filter(({ next }) => next !== null)
    const from = present(pool.at(-1 - (command.back % pool.length)))
    const to = attempt(from, command, note)
    if (to === undefined) continue
    // A retry: the same cursor and edit lead to the same place.
    expect(take(from, command)).toEqual(to)
    expectStep(from, to, command)
    expectEnd(from, to)
    const stored: unknown = JSON.parse(JSON.stringify(to))
    expect(State.parse(stored)).toEqual(to)
    states.push(freeze(to))
    note(command.edit === undefined ? 'plain' : `edited before ${from.next?.step}`)
    if (to.next === null) note(`ended by ${toRun(to).stop_reason}`)
  }
}

/** The state after the command, or undefined where it is refused, as it then must be. */
function attempt(from: State, command: Command, note: (what: string) => void): State | undefined {
  const place = from.next?.step
  const misplaced = place !== undefined && !fits(command.edit, place)
  try {
    const to = take(from, command)
    expect([place, misplaced]).toEqual([expect.any(String), false])
    return to
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    const { code, path } = error.problem
    if (place === undefined) expect(code).toBe('run_finished')
    else if (misplaced) expect(code).toBe('invalid_request')
    note(`refused ${misplaced ? 'misplaced' : (path ?? code)}`)
    return undefined
  }
}

test('any sequence of steps, edits, forks and retries keeps the promises of a run', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(settings, fc.array(command, { minLength: 20, maxLength: 40 }), (start, commands) =>
      play(start, commands, (what) => void seen.add(what)),
    ),
    { numRuns: 300 },
  )
  // The sequences came everywhere.
  const reasons = [
    'iterations',
    'target_reward',
    'plateau',
    'small_gap',
    'token_budget',
    'deadline',
  ]
  const wanted = [
    'plain',
    'refused misplaced',
    'refused run_finished',
    ...Object.keys(after).map((step) => `edited before ${step}`),
    ...reasons.map((reason) => `ended by ${reason}`),
  ]
  expect(wanted.filter((what) => !seen.has(what))).toEqual([])
})
