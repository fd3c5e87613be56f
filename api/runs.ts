/** Runs behind their cursors: what the routes serve, without HTTP. */
import { drive, type TakeStep as TakeNext } from '../shared/drive.ts'
import type { Edit } from '../shared/edit.ts'
import type { Log } from '../shared/telemetry/log.ts'
import {
  type Estimate,
  type InspectAnswer,
  type Next,
  type Position,
  type RunAnswer,
  type RunOrder,
  type StartSettings,
  type Step,
  StepAnswer,
  type StepName,
  type StepRequest,
} from '../shared/tpo.ts'
import { estimate } from './algorithm/estimate.ts'
import { applyEdit } from './algorithm/edits.ts'
import type { State } from './algorithm/state.ts'
import { expectAhead } from './algorithm/until.ts'
import { begin, nextStep, toRun } from './algorithm/transitions.ts'
import type { Cursors } from './cursor/cursor.ts'
import type { Policies, PolicyKey } from './policy/policies.ts'
import { stepKey } from './replay/keys.ts'
import type { Replay, Send, Work } from './replay/replay.ts'
import type { Reward } from './reward/reward.ts'
import type { Progress, StepDeps } from './steps/deps.ts'
import { type EarlyScores, scoreEarly } from './steps/early-scores.ts'
import { takeStep } from './steps/take.ts'
import { measuredStep } from './telemetry/step-metrics.ts'
import { observedRun, observedStep, runBegins, runContinues } from './telemetry/steps.ts'

export interface RunDeps extends Omit<StepDeps, 'policy'> {
  policies: Policies
  cursors: Cursors
  replay: Replay
  newId: () => string
  /** Whether a run asks the reward model while it draws: not where its connections are counted. */
  scoresEarly: boolean
  log: Log
}

/** A run before its next step. */
export interface Opened {
  state: State
  /** As the cursor has it. */
  trace?: string
}

/** Whom a step works for. */
export interface Caller {
  progress: Progress
  signal: AbortSignal
  /** Of the policy that the run names by address. */
  policyKey?: PolicyKey
}

export interface DriveOptions extends Caller {
  /** Hears of every step's answer as it is there. */
  onStep: (answer: StepAnswer) => void
  /** Stops when this is next. */
  until?: Next
  /** Of the first step. */
  edit?: Edit
}

/** Whether a step gave all that it was asked for; who asks for one that did not again gets the chance of all. */
export const isWhole = ({ step }: StepAnswer): boolean =>
  !step.warnings?.some(({ code }) => code === 'answers_missing')

export type Runs = ReturnType<typeof createRuns>

/** The runs of each tenant, whose cursors are its own. */
export function runsByTenant(deps: RunDeps): (tenant: string) => Runs {
  const all = new Map<string, Runs>()
  return (tenant) => {
    const runs = all.get(tenant) ?? createRuns(deps, tenant)
    all.set(tenant, runs)
    return runs
  }
}

function createRuns(deps: RunDeps, tenant: string) {
  const { clock, log, newId, policies, replay } = deps
  const cursors = deps.cursors(tenant)
  const step = observedStep(measuredStep(takeStep), log)

  async function positionOf({ state, trace }: Opened): Promise<Position> {
    const { cursor } = await cursors.seal(state, trace)
    return { cursor, run: toRun(state), next: state.next }
  }

  async function take(
    { state, trace = runBegins(state) }: Opened,
    { progress, signal, policyKey }: Caller,
    reward = deps.reward,
  ): Promise<StepAnswer> {
    const policy = await policies.of(state.policy.base_url, policyKey)
    const result = await step(state, { ...deps, policy, reward }, progress, signal)
    return { ...(await positionOf({ state: result.state, trace })), step: result.step }
  }

  /** Takes the steps of one run, each only if its answer is not stored, and scores answers as they finish. */
  function taker({ until, ...caller }: DriveOptions) {
    const { progress, signal } = caller
    let early: EarlyScores | undefined
    return async (request: StepRequest, { step, iteration }: Next): Promise<StepAnswer> => {
      const opened = await open(request)
      if (step === 'sample' || step === 'update') {
        const scored = until?.step !== 'score' || until.iteration !== iteration
        early =
          scored && deps.scoresEarly
            ? scoreEarly(opened.state, deps.reward, progress, signal)
            : undefined
      }
      return takeOnce(
        request,
        opened,
        { ...caller, progress: early?.progress ?? progress },
        early?.reward,
      )
    }
  }

  /** Takes a step only if its answer is not stored. */
  async function takeOnce(
    request: StepRequest,
    opened: Opened,
    caller: Caller,
    reward?: Reward,
  ): Promise<StepAnswer> {
    const send: Send = (event) => {
      if (event.type !== 'step' && event.type !== 'error') caller.progress(event)
    }
    const work: Work<StepAnswer> = (progress, signal) =>
      take(opened, { ...caller, progress, signal }, reward)
    const call = { send, signal: caller.signal }
    const { text } = await replay.once(await stepKey(request), work, call, isWhole)
    return StepAnswer.parse(JSON.parse(text))
  }

  /** A new run before its first step. */
  async function start(settings: StartSettings): Promise<Position> {
    policies.expectAllowed(settings.policy.base_url)
    deps.reward.expectSettings(settings.reward)
    const created_at = new Date(clock()).toISOString()
    const state = begin(settings, { id: newId(), created_at })
    return positionOf({ state, trace: runBegins(state) })
  }

  /** The run before the step that is next, as edited; the step must be `asked` if given. */
  async function open({ cursor, edit }: StepRequest, asked?: StepName): Promise<Opened> {
    const { state, trace } = await cursors.open(cursor)
    runContinues(state, trace)
    policies.expectAllowed(state.policy.base_url)
    nextStep(state, asked)
    return { state: applyEdit(state, edit), trace }
  }

  /** Where a cursor stands, if the edit of its first step fits. */
  async function resume({ cursor, edit }: StepRequest): Promise<Position> {
    const { state } = await open({ cursor, edit })
    return { cursor, run: toRun(state), next: state.next }
  }

  async function toEnd(from: Position, options: DriveOptions): Promise<RunAnswer> {
    const { onStep, signal, until, edit } = options
    const steps: Step[] = []
    let last = from
    const take = taker(options)
    const takeNext: TakeNext = (cursor, next) =>
      take(cursor === from.cursor ? { cursor, edit } : { cursor }, next)
    for await (const { step, ...position } of drive(from, takeNext, signal, until)) {
      steps.push(step)
      last = position
      onStep({ ...position, step })
    }
    return { ...last, steps }
  }

  return {
    start,

    open,
    take,

    /** The step that is next; free where its answer is stored. */
    async step(request: StepRequest, caller: Caller): Promise<StepAnswer> {
      return takeOnce(request, await open(request), caller)
    },

    /** Where a run begins: new from settings, or a cursor. Its `until` must be ahead, its edit fit. */
    async from(order: RunOrder): Promise<Position> {
      const position = await ('cursor' in order ? resume(order) : start(order))
      if (position.next !== null) {
        const edited = 'cursor' in order && order.edit !== undefined
        expectAhead(position.next, order.until, { ...position.run, edited })
      }
      return position
    },

    /** From a position to the end of the run, or to where `until` is next. */
    drive(from: Position, options: DriveOptions): Promise<RunAnswer> {
      return observedRun(from.run, options.signal, () => toEnd(from, options))
    },

    /** What a run with these settings would take. */
    estimate(settings: StartSettings): Estimate {
      return estimate(settings, deps.pack)
    },

    async inspect(cursor: string): Promise<InspectAnswer> {
      const { state, expires } = await cursors.open(cursor)
      const {
        messages,
        seed,
        policy,
        critic,
        reward,
        prompts,
        stop,
        strict_reference,
        pending,
        loss,
        gradient,
        edited,
      } = state
      return {
        run: toRun(state),
        next: state.next,
        messages,
        seed,
        policy,
        critic,
        reward,
        ...(prompts !== undefined && { prompts }),
        stop,
        strict_reference,
        pending,
        loss,
        gradient,
        ...(edited !== undefined && { edited }),
        created_at: state.created_at,
        expires_at: new Date(expires).toISOString(),
      }
    },
  }
}
