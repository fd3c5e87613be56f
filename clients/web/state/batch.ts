/** The batch this browser works on: many questions, each a run of its own, a few at a time. */
import { batch, computed, type Signal, signal } from '@preact/signals'
import type { Next, TakeStep } from '../../../shared/client.ts'
import type { StartSettings } from '../../../shared/tpo.ts'
import {
  type QuestionResult,
  resultLine,
  resultRow,
  resultsCsv,
} from '../../common/export/results.ts'
import { type BatchSettings, continued, leadsNowhere, streamedStep } from '../../common/batch.ts'
import { preferencesJsonl } from '../../common/export/preferences.ts'
import { firstBest, stepCount, totalTokens } from '../../common/iterations.ts'
import type { Question } from '../../common/questions.ts'
import type { RunRecord } from '../../common/record.ts'
import { beginRecord, newestLeaf } from '../../common/tree.ts'
import { BatchAnswer, BatchPlan, planBatch } from './batch-plan.ts'
import { clientFor } from './connection.ts'
import { type Failure, failureOf } from './failure.ts'
import { keep } from './library.ts'
import { shelf } from './shelf.ts'

/** How far one question is. */
export interface Progress {
  readonly status: 'waiting' | 'running' | 'done' | 'failed'
  readonly next: Next | null
  /** Steps taken, and steps there are at most. */
  readonly taken: number
  readonly steps: number
  readonly best: { readonly text: string; readonly reward: number } | null
  readonly gain: number | null
  readonly tokens: number
  readonly failure: Failure | null
}

export interface BatchRow {
  readonly question: Question
  readonly key: string
  readonly request: StartSettings
  readonly progress: Signal<Progress>
}

export type BatchStatus = 'none' | 'running' | 'pausing' | 'paused' | 'done'

const plans = shelf('batches', BatchPlan, ({ id }) => id)
const answers = shelf('answers', BatchAnswer, ({ key }) => key)

const plan = signal<BatchPlan | null>(null)
export const rows = signal<readonly BatchRow[]>([])
const working = signal<'no' | 'yes' | 'draining'>('no')
/** Why all of it stopped: what would have failed every other question too. */
export const stoppedBy = signal<Failure | null>(null)
/** Another window works on it. */
export const elsewhere = signal(false)
export const batchName = computed(() => plan.value?.name ?? '')

/** Of this sitting: since it was started or resumed. */
const sitting = signal({ since: 0, steps: 0, finished: 0, now: 0 })
let draining = new AbortController()

export const batchStatus = computed<BatchStatus>(() => {
  if (plan.value === null) return 'none'
  if (working.value !== 'no') return working.value === 'yes' ? 'running' : 'pausing'
  return rows.value.every(({ progress }) => isOver(progress.value)) ? 'done' : 'paused'
})

export const totals = computed(() => {
  const all = rows.value.map(({ progress }) => progress.value)
  const done = all.filter(({ status }) => status === 'done')
  const rewards = done.flatMap(({ best }) => (best === null ? [] : [best.reward]))
  const gains = done.flatMap(({ gain }) => gain ?? [])
  const left = all.filter((progress) => !isOver(progress))
  const stepsLeft = left.reduce((sum, { steps, taken }) => sum + steps - taken, 0)
  const { since, steps, finished, now } = sitting.value
  const seconds = (now - since) / 1000
  return {
    all: all.length,
    done: done.length,
    failed: failedCount.value,
    /** 0 to 1, by steps. */
    share: all.length === 0 ? 0 : 1 - stepsLeft / all.reduce((sum, row) => sum + row.steps, 0),
    tokens: all.reduce((sum, { tokens }) => sum + tokens, 0),
    meanReward: mean(rewards),
    meanGain: mean(gains),
    /** Questions a minute; null until one is finished. */
    rate: finished === 0 || seconds === 0 ? null : (finished / seconds) * 60,
    secondsLeft: steps === 0 || stepsLeft === 0 ? null : (seconds / steps) * stepsLeft,
  }
})

/** Apart from the totals, which change with every step. */
export const failedCount = computed(
  () => rows.value.filter(({ progress }) => progress.value.status === 'failed').length,
)

const isOver = ({ status }: Progress) => status === 'done' || status === 'failed'
const mean = (values: readonly number[]) =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length

/** Starts a batch in the place of the last one. What was answered already, is not asked again. */
export async function startBatch(
  name: string,
  questions: readonly Question[],
  settings: BatchSettings,
  concurrency: number,
): Promise<void> {
  const next = planBatch(name, questions, settings, concurrency)
  const wanted = new Set(next.questions.map(({ key }) => key))
  await plans.put(next)
  for (const key of await answers.keys()) if (!wanted.has(key)) await answers.remove(key)
  await show(next)
  void resumeBatch()
}

let restored: Promise<void> | null = null

/** The batch that was kept, as far as it got; it waits to be resumed. */
export function restoreBatch(): Promise<void> {
  restored ??= (async () => {
    const kept = await plans.get('current')
    if (kept !== null && plan.value === null) await show(kept)
  })()
  return restored
}

async function show(next: BatchPlan): Promise<void> {
  const shown: BatchRow[] = []
  for await (const [{ question, key, request }, answer] of answered(next.questions)) {
    shown.push({ question, key, request, progress: signal(progressOf(request, answer)) })
  }
  batch(() => {
    plan.value = next
    rows.value = shown
    stoppedBy.value = null
  })
}

/** What is kept of each, in their order; a few dozen are read at a time and then let go. */
async function* answered<T extends { readonly key: string }>(
  all: readonly T[],
): AsyncGenerator<[T, BatchAnswer | null]> {
  const atATime = 64
  for (let from = 0; from < all.length; from += atATime) {
    const some = all.slice(from, from + atATime)
    const read = await Promise.all(some.map(({ key }) => answers.get(key)))
    for (const [at, one] of some.entries()) yield [one, read[at] ?? null]
  }
}

function progressOf(request: StartSettings, answer: BatchAnswer | null): Progress {
  const failure = answer?.failure ?? null
  const leaf = answer?.record == null ? null : newestLeaf(answer.record)
  const run = leaf?.run ?? null
  const best = run?.best ?? null
  const first = firstBest(answer?.record?.nodes.flatMap(({ step }) => step ?? []) ?? [])
  const over = leaf !== null && leaf.next === null
  return {
    status: failure !== null ? 'failed' : over ? 'done' : 'waiting',
    next: leaf?.next ?? null,
    taken: (answer?.record?.nodes.length ?? 1) - 1,
    steps: stepCount(request),
    best,
    gain: best === null || first === null ? null : best.reward - first.reward,
    tokens: run === null ? 0 : totalTokens(run),
    failure,
  }
}

/** Works on what is left, where it was left; unless another window of this browser does. */
export async function resumeBatch(): Promise<void> {
  if (working.value !== 'no') return
  working.value = 'yes'
  // Without HTTPS, browsers have no locks.
  const { locks } = navigator as Partial<Navigator>
  if (locks === undefined) await work()
  else {
    await locks.request('tpo-batch', { ifAvailable: true }, async (lock) => {
      elsewhere.value = lock === null
      if (lock !== null) await work()
    })
  }
  working.value = 'no'
}

async function work(): Promise<void> {
  const { concurrency = 1 } = plan.value ?? {}
  const queue = rows.value.filter(({ progress }) => progress.value.status === 'waiting')
  draining = new AbortController()
  const { signal } = draining
  const worker = async () => {
    for (let row = queue.shift(); row !== undefined && !signal.aborted; row = queue.shift()) {
      await answerRow(row, signal)
    }
  }
  batch(() => {
    const now = performance.now()
    sitting.value = { since: now, steps: 0, finished: 0, now }
    stoppedBy.value = null
  })
  await Promise.all(Array.from({ length: concurrency }, worker))
}

/** Lets the steps under way come to their end, and takes no more. */
export function pauseBatch(): void {
  draining.abort()
  if (working.value === 'yes') working.value = 'draining'
}

/** Works on the failed ones again, from where each failed. */
export async function retryFailed(): Promise<void> {
  for (const { key, request, progress } of rows.value) {
    const { status, failure } = progress.value
    if (status !== 'failed') continue
    const answer = await answers.get(key)
    const stuck = failure?.kind === 'problem' && leadsNowhere(failure.code)
    const record = stuck ? null : (answer?.record ?? null)
    const again = { key, record, failure: null }
    await answers.put(again)
    progress.value = progressOf(request, again)
  }
  void resumeBatch()
}

/** One question, from where it is to its end, to its failure, or to the pause. */
async function answerRow(row: BatchRow, signal: AbortSignal): Promise<void> {
  const { key, request, progress } = row
  const url = request.policy.base_url
  let record = (await answers.get(key))?.record ?? null
  progress.value = { ...progress.value, status: 'running' }
  try {
    if (record === null) {
      record = beginRecord(request, await clientFor(url).start(request), new Date())
    }
    const take: TakeStep = (cursor, next) => streamedStep(clientFor(url))(cursor, next)
    for await (const longer of continued(record, take, signal)) {
      record = longer
      const answer = { key, record, failure: null }
      await answers.put(answer)
      const reached = progressOf(request, answer)
      batch(() => {
        progress.value = { ...reached, status: 'running' }
        count(reached.status === 'done')
      })
    }
    progress.value = progressOf(request, { key, record, failure: null })
  } catch (error) {
    const failure = failureOf(error)
    if (signal.aborted || stopsAll(failure)) {
      if (!signal.aborted) {
        stoppedBy.value = failure
        pauseBatch()
      }
      progress.value = progressOf(request, { key, record, failure: null })
      return
    }
    const answer = { key, record, failure }
    await answers.put(answer)
    progress.value = progressOf(request, answer)
  }
}

/** What every other question would run into as well. */
const stopsAll = (failure: Failure): boolean =>
  failure.kind === 'connection' || (failure.kind === 'problem' && failure.code === 'unauthorized')

function count(finished: boolean): void {
  const { since, steps, finished: before } = sitting.value
  sitting.value = {
    since,
    steps: steps + 1,
    finished: before + (finished ? 1 : 0),
    now: performance.now(),
  }
}

/** A question's run joins those that are kept, so that it can be opened; gives its id. */
export async function openRow({ key }: BatchRow): Promise<string | null> {
  const record = (await answers.get(key))?.record ?? null
  if (record !== null) keep(record)
  return record?.id ?? null
}

/** What a failure is called, for files. */
type NameFailure = (failure: Failure) => QuestionResult['failure']

async function* results(name: NameFailure): AsyncGenerator<QuestionResult> {
  for await (const [{ question }, answer] of answered(rows.value)) {
    const { record = null, failure = null } = answer ?? {}
    yield { question, record, failure: failure === null ? null : name(failure) }
  }
}

export async function resultLines(name: NameFailure): Promise<string[]> {
  const lines: string[] = []
  for await (const result of results(name)) lines.push(resultLine(result))
  return lines
}

export async function resultTable(name: NameFailure): Promise<string> {
  const table: ReturnType<typeof resultRow>[] = []
  for await (const result of results(name)) table.push(resultRow(result))
  return resultsCsv(table)
}

export async function resultPairs(): Promise<string[]> {
  const records: RunRecord[] = []
  for await (const [, answer] of answered(rows.value)) {
    if (answer?.record != null) records.push(answer.record)
  }
  return [...preferencesJsonl(records)]
}
