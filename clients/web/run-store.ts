/** The one run the page shows, and what a person can do with it. */
import { batch, computed, type ReadonlySignal, signal } from '@preact/signals'
import {
  drive,
  type Position,
  type Ranked,
  type Run,
  type StartRequest,
  type Next,
  type Step,
  type TakeStep,
  type TpoClient,
} from '../../shared/client.ts'
import type { ChartDot } from '../common/chart.ts'
import { firstBest, stepCount, totalTokens } from '../common/iterations.ts'
import { describeFailure, type Failure } from './failure.ts'
import { beginStep, newRound, receiveEvent, type Round, settleStep } from './rounds.ts'

export type Status = 'idle' | 'running' | 'done' | 'cancelled' | 'failed'

export interface RunStore {
  readonly status: ReadonlySignal<Status>
  readonly run: ReadonlySignal<Run | null>
  readonly rounds: ReadonlySignal<readonly Round[]>
  /** The step that is being taken, or was when the run stopped. */
  readonly current: ReadonlySignal<Next | null>
  readonly firstBest: ReadonlySignal<Ranked | null>
  readonly failure: ReadonlySignal<Failure | null>
  /** Seconds spent waiting for steps, ticking. */
  readonly seconds: ReadonlySignal<number>
  /** Tokens of all steps, and of the candidates this step has finished. */
  readonly tokens: ReadonlySignal<number>
  /** Every reward there is so far. */
  readonly dots: ReadonlySignal<readonly ChartDot[]>
  readonly rewardRange: ReadonlySignal<{ readonly low: number; readonly high: number }>
  /** Share of the steps taken, 0 to 1. */
  readonly progress: ReadonlySignal<number>
  /** Begins a new run; one under way is cancelled. */
  start(request: StartRequest): void
  /** Sends the last cursor again, after an error or a cancel. */
  resume(): void
  /** Ends the upstream work at once; what was reached stays. */
  cancel(): void
}

const tickMs = 100

export function createRunStore(client: TpoClient): RunStore {
  const status = signal<Status>('idle')
  const run = signal<Run | null>(null)
  const rounds = signal<readonly Round[]>([])
  const current = signal<Next | null>(null)
  const failure = signal<Failure | null>(null)
  const seconds = signal(0)
  const steps = signal<readonly Step[]>([])
  const tokensOfStep = signal(0)
  let request: StartRequest | null = null
  let position: Position | null = null
  let controller = new AbortController()

  const round = (iteration: number): Round => {
    const known = rounds.value.find((entry) => entry.iteration === iteration)
    if (known !== undefined) return known
    const added = newRound(iteration)
    rounds.value = [...rounds.value, added]
    return added
  }

  const follow = async (from: Position, signal: AbortSignal) => {
    signal.throwIfAborted()
    position = from
    run.value = from.run
    let reached = from.run
    const take: TakeStep = (cursor, next) => {
      const shown = round(next.iteration)
      batch(() => {
        current.value = next
        tokensOfStep.value = 0
        beginStep(shown, next, reached)
      })
      return client.step(cursor, {
        signal,
        onEvent: (event) => {
          signal.throwIfAborted()
          receiveEvent(shown, next, event)
          if (event.type === 'candidate') tokensOfStep.value += event.candidate.tokens
        },
      })
    }
    for await (const answer of drive(from, take, signal)) {
      signal.throwIfAborted()
      position = answer
      reached = answer.run
      batch(() => {
        settleStep(round(answer.step.iteration), answer)
        steps.value = [...steps.value, answer.step]
        run.value = answer.run
        tokensOfStep.value = 0
      })
    }
  }

  const go = async (asked: StartRequest) => {
    controller = new AbortController()
    const { signal } = controller
    status.value = 'running'
    failure.value = null
    const before = seconds.value
    const since = performance.now()
    const clock = setInterval(() => {
      seconds.value = before + (performance.now() - since) / 1000
    }, tickMs)
    signal.addEventListener('abort', () => clearInterval(clock))
    try {
      await follow(position ?? (await client.start(asked, { signal })), signal)
      status.value = 'done'
    } catch (error) {
      if (signal.aborted) return
      failure.value = describeFailure(error)
      status.value = 'failed'
    } finally {
      clearInterval(clock)
    }
  }

  const dots = computed(() =>
    rounds.value.flatMap(({ iteration, lanes }) =>
      lanes.value.flatMap(({ index, reward }) =>
        reward.value === null ? [] : [{ iteration, index, reward: reward.value }],
      ),
    ),
  )
  const rewardRange = computed(() => {
    const rewards = dots.value.map((dot) => dot.reward)
    return { low: Math.min(...rewards), high: Math.max(...rewards) }
  })

  return {
    dots,
    rewardRange,
    status,
    run,
    rounds,
    current,
    failure,
    seconds,
    firstBest: computed(() => firstBest(steps.value)),
    tokens: computed(() => (run.value === null ? 0 : totalTokens(run.value)) + tokensOfStep.value),
    progress: computed(() => (run.value === null ? 0 : steps.value.length / stepCount(run.value))),
    start(asked) {
      controller.abort()
      request = asked
      position = null
      batch(() => {
        run.value = null
        rounds.value = []
        current.value = null
        steps.value = []
        seconds.value = 0
        tokensOfStep.value = 0
      })
      void go(asked)
    },
    resume() {
      if (request !== null && status.value !== 'running') void go(request)
    },
    cancel() {
      if (status.value !== 'running') return
      controller.abort()
      status.value = 'cancelled'
    },
  }
}
