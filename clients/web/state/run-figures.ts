/** What the branch in view comes to. */
import { computed, type ReadonlySignal } from '@preact/signals'
import type { Next, Ranked, Run } from '../../../shared/client.ts'
import type { ChartDot } from '../../common/chart.ts'
import { firstBest, stepCount } from '../../common/iterations.ts'
import type { RunNode } from '../../common/record.ts'
import type { Round } from './rounds.ts'

export interface RunFigures {
  readonly run: ReadonlySignal<Run | null>
  /** The step that is being taken, or was when the run stopped. */
  readonly current: ReadonlySignal<Next | null>
  readonly firstBest: ReadonlySignal<Ranked | null>
  /** Every reward on the path. */
  readonly dots: ReadonlySignal<readonly ChartDot[]>
  readonly rewardRange: ReadonlySignal<{ readonly low: number; readonly high: number }>
  /** Share of the steps taken, 0 to 1. */
  readonly progress: ReadonlySignal<number>
}

interface Branch {
  shown: ReadonlySignal<RunNode | null>
  path: ReadonlySignal<readonly RunNode[]>
  rounds: ReadonlySignal<readonly Round[]>
}

export function figuresOf({ shown, path, rounds }: Branch): RunFigures {
  const dots = computed(() =>
    rounds.value.flatMap(({ iteration, lanes }) =>
      lanes.value.flatMap(({ index, reward }) =>
        reward.value === null ? [] : [{ iteration, index, reward: reward.value }],
      ),
    ),
  )
  return {
    dots,
    run: computed(() => shown.value?.run ?? null),
    current: computed(() => shown.value?.next ?? null),
    firstBest: computed(() =>
      firstBest(path.value.flatMap(({ step }) => (step === null ? [] : [step]))),
    ),
    rewardRange: computed(() => {
      const rewards = dots.value.map((dot) => dot.reward)
      return { low: Math.min(...rewards), high: Math.max(...rewards) }
    }),
    progress: computed(() =>
      shown.value === null
        ? 0
        : shown.value.next === null
          ? 1
          : (path.value.length - 1) / stepCount(shown.value.run),
    ),
  }
}
