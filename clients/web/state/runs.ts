/** The run that is shown: the tree of its positions, the branch in view and the step under way. */
import { batch, computed, type ReadonlySignal, signal } from '@preact/signals'
import {
  drive,
  type Edit,
  type Next,
  type StepAnswer,
  type TpoClient,
} from '../../../shared/client.ts'
import { StartRequest } from '../../../shared/tpo.ts'
import { totalTokens } from '../../common/iterations.ts'
import type { RunNode, RunRecord } from '../../common/record.ts'
import { beginRecord, furthest, newestLeaf, nodeOf, pathTo, withNode } from '../../common/tree.ts'
import { type Failure, failureOf } from './failure.ts'
import { figuresOf, type RunFigures } from './run-figures.ts'
import { beginStep, receiveEvent, type Round, roundAt, roundsOf, settleStep } from './rounds.ts'
import { stepMeter } from './step-meter.ts'

/** Of the position in view; `open`: steps are left and nobody takes them. */
export type Status = 'idle' | 'running' | 'open' | 'done' | 'cancelled' | 'failed'

/** How to go on from a position. */
export interface Way {
  /** Changes the run just before the first step. */
  readonly edit?: Edit
  /** One step, or all that are left. */
  readonly steps?: 'one' | 'all'
}

export interface RunStore extends RunFigures {
  readonly status: ReadonlySignal<Status>
  readonly record: ReadonlySignal<RunRecord | null>
  /** The position in view. */
  readonly shown: ReadonlySignal<RunNode | null>
  /** From the start to the position in view. */
  readonly path: ReadonlySignal<readonly RunNode[]>
  /** The iterations on that path, and the step under way where it goes on from there. */
  readonly rounds: ReadonlySignal<readonly Round[]>
  /** The position from which a step is being taken, in view or not. */
  readonly working: ReadonlySignal<string | null>
  /** The position from which a step was cancelled or failed. */
  readonly stopped: ReadonlySignal<{ readonly id: string; readonly failed: boolean } | null>
  readonly failure: ReadonlySignal<Failure | null>
  /** Seconds inside steps, ticking. */
  readonly seconds: ReadonlySignal<number>
  /** Tokens of all steps, and those that this step has written so far. */
  readonly tokens: ReadonlySignal<number>
  /** Begins a new run; one under way is cancelled. */
  start(request: StartRequest): void
  /**
   * Goes on from a position. What the same edit led to before is shown, not asked for again; any
   * other makes a sibling of what followed.
   */
  go(from: RunNode, way?: Way): void
  /** Does again what was cancelled or failed; else goes on from the position in view. */
  resume(): void
  /** Ends the upstream work at once; what was reached stays. */
  cancel(): void
  /** Brings a position into view; a step under way goes on meanwhile. */
  show(id: string): void
  /** Shows a run that was kept, at its newest end, or none. */
  open(record: RunRecord | null): void
}

export interface RunStoreParts {
  client: () => TpoClient
  /** Has the last word on what a run is started with. */
  prepare?: (request: StartRequest) => StartRequest
  /** Hears of a record after each step. */
  keep?: (record: RunRecord) => void
}

/** What is being done, or was when it was cancelled or failed. */
interface Attempt {
  readonly from: RunNode
  readonly way: Way
  readonly ended: 'cancelled' | Failure | null
}

export function createRunStore({ client, prepare, keep }: RunStoreParts): RunStore {
  const record = signal<RunRecord | null>(null)
  const shownId = signal<string | null>(null)
  const rounds = signal<readonly Round[]>([])
  const attempt = signal<Attempt | null>(null)
  /** Before there is a first position. */
  const starting = signal<{ request: StartRequest; failure: Failure | null } | null>(null)
  const working = signal<string | null>(null)
  const meter = stepMeter()
  let live: { parent: string; rounds: readonly Round[] } | null = null
  let controller = new AbortController()

  const shown = computed(() =>
    record.value === null || shownId.value === null ? null : nodeOf(record.value, shownId.value),
  )
  const path = computed(() =>
    record.value === null || shown.value === null ? [] : pathTo(record.value, shown.value),
  )
  const inView = computed(() => working.value !== null && working.value === shownId.value)
  const attempted = computed(() =>
    attempt.value !== null && attempt.value.from.id === shownId.value ? attempt.value : null,
  )
  const stopped = computed(() => {
    const { from, ended = null } = attempt.value ?? {}
    return from === undefined || ended === null
      ? null
      : { id: from.id, failed: ended !== 'cancelled' }
  })
  const failure = computed<Failure | null>(() => {
    if (starting.value !== null) return starting.value.failure
    const ended = attempted.value?.ended ?? null
    return ended === 'cancelled' ? null : ended
  })
  const status = computed<Status>(() => {
    if (starting.value !== null) return starting.value.failure === null ? 'running' : 'failed'
    if (shown.value === null) return 'idle'
    if (inView.value) return 'running'
    if (failure.value !== null) return 'failed'
    if (attempted.value?.ended === 'cancelled') return 'cancelled'
    return shown.value.next === null ? 'done' : 'open'
  })

  const open = (): RunRecord => {
    if (record.value === null) throw new Error('there is no run')
    return record.value
  }
  const roundsTo = (node: RunNode) => roundsOf(pathTo(open(), node))

  const view = (id: string) => {
    const node = nodeOf(open(), id)
    batch(() => {
      shownId.value = id
      rounds.value = live?.parent === id ? live.rounds : roundsTo(node)
    })
  }

  const add = (position: Omit<RunNode, 'id' | 'at'>): RunNode => {
    const grown = withNode(open(), position, new Date())
    record.value = grown.record
    keep?.(grown.record)
    return grown.node
  }

  /** Takes the steps; `from` moves on with each. */
  const follow = async (from: RunNode, { edit, steps = 'all' }: Way, signal: AbortSignal) => {
    let at = from
    let editOfStep = edit
    const take = (cursor: string, next: Next): Promise<StepAnswer> => {
      const known = roundsTo(at)
      const round = roundAt(known, next.iteration)
      live = { parent: at.id, rounds: known }
      const edited = editOfStep !== undefined && { edit: editOfStep }
      batch(() => {
        working.value = at.id
        beginStep(round, next, at.run, editOfStep)
        if (shownId.value === at.id) rounds.value = known
      })
      return meter.watch((onEvent) => client().step(cursor, { signal, onEvent, ...edited }), {
        signal,
        receive: (event) => receiveEvent(round, next, event),
      })
    }
    for await (const answer of drive(from, take, signal)) {
      signal.throwIfAborted()
      const { step, run, next, cursor } = answer
      batch(() => {
        const parent = at
        const inSight = shownId.value === parent.id
        at = add({
          parent: parent.id,
          ...(editOfStep !== undefined && { edit: editOfStep }),
          step,
          run,
          next,
          cursor,
        })
        const settled = live?.rounds.find(({ iteration }) => iteration === step.iteration)
        if (settled !== undefined) settleStep(settled, step, at.id)
        editOfStep = undefined
        attempt.value = { from: at, way: { steps }, ended: null }
        working.value = at.id
        live = { parent: at.id, rounds: live?.rounds ?? [] }
        if (inSight) view(at.id)
      })
      if (steps === 'one') return
    }
  }

  const work = async (doing: (signal: AbortSignal) => Promise<void>) => {
    controller.abort()
    controller = new AbortController()
    const { signal } = controller
    try {
      await doing(signal)
      if (!signal.aborted) attempt.value = null
    } catch (error) {
      if (signal.aborted) return
      batch(() => {
        rest()
        const failure = failureOf(error)
        if (starting.value !== null) starting.value = { ...starting.value, failure }
        if (attempt.value === null) return
        const { from } = attempt.value
        attempt.value = { ...attempt.value, ended: failure }
        // Of an edit that was refused, nothing was done.
        const refused = failure.kind === 'problem' && failure.path !== undefined
        if (refused && shownId.value === from.id) view(from.id)
      })
    } finally {
      if (!signal.aborted) rest()
    }
  }

  const rest = () =>
    batch(() => {
      live = null
      working.value = null
      meter.reset()
    })

  const begin = (request: StartRequest) => {
    batch(() => {
      record.value = null
      shownId.value = null
      rounds.value = []
      attempt.value = null
      starting.value = { request, failure: null }
      rest()
    })
    void work(async (signal) => {
      const asked = prepare?.(request) ?? request
      const position = await client().start(asked, { signal })
      signal.throwIfAborted()
      const root = beginRecord(StartRequest.parse(asked), position, new Date())
      batch(() => {
        record.value = root
        starting.value = null
        keep?.(root)
        view('0')
      })
      const node = nodeOf(root, '0')
      attempt.value = { from: node, way: {}, ended: null }
      await follow(node, {}, signal)
    })
  }

  const go = (from: RunNode, { edit, steps = 'all' }: Way = {}) => {
    const reached = furthest(open(), from, edit, steps)
    if (reached === from) attemptFrom(from, { steps, ...(edit !== undefined && { edit }) })
    else if (steps === 'all' && reached.next !== null) attemptFrom(reached, { steps })
    else view(reached.id)
  }

  const attemptFrom = (from: RunNode, way: Way) => {
    batch(() => {
      rest()
      attempt.value = { from, way, ended: null }
      view(from.id)
    })
    void work((signal) => follow(from, way, signal))
  }

  return {
    status,
    record,
    shown,
    path,
    rounds,
    working,
    stopped,
    failure,
    ...figuresOf({ shown, path, rounds }),
    seconds: computed(
      () => (shown.value?.run.usage.seconds ?? 0) + (inView.value ? meter.seconds.value : 0),
    ),
    tokens: computed(
      () =>
        (shown.value === null ? 0 : totalTokens(shown.value.run)) +
        (inView.value ? meter.tokens.value : 0),
    ),
    start: begin,
    go,
    resume() {
      if (status.value === 'running') return
      if (starting.value !== null) begin(starting.value.request)
      else if (attempted.value !== null) go(attempted.value.from, attempted.value.way)
      else if (shown.value !== null) go(shown.value)
    },
    cancel() {
      controller.abort()
      batch(() => {
        if (starting.value !== null) starting.value = null
        else if (attempt.value !== null) attempt.value = { ...attempt.value, ended: 'cancelled' }
        rest()
      })
    },
    show: view,
    open(kept: RunRecord | null) {
      controller.abort()
      batch(() => {
        rest()
        attempt.value = null
        starting.value = null
        record.value = kept
        shownId.value = null
        rounds.value = []
        if (kept !== null) view(newestLeaf(kept).id)
      })
    },
  }
}
