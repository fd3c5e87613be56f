/** What a batch of questions came to, for programs and for spreadsheets. */
import type { Problem } from '../../../shared/problems.ts'
import { type Cell, writeCsv } from '../csv-text.ts'
import { firstBest } from '../iterations.ts'
import type { Question } from '../questions.ts'
import type { RunRecord } from '../record.ts'

/** Why a question has no result: a problem of the API, or what else happened. */
export type QuestionFailure = Pick<Problem, 'title' | 'detail'> & { readonly code: string | null }

export interface QuestionResult {
  readonly question: Question
  /** What was reached; null before its start. */
  readonly record: RunRecord | null
  readonly failure: QuestionFailure | null
}

/** One question as an object of a JSON line: everything but the cursors. */
export function resultLine({ question, record, failure }: QuestionResult): string {
  const { id, ...asked } = question
  const { last, first } = reached(record)
  const steps = (record?.nodes ?? []).flatMap(({ step, run, at }) =>
    step === null ? [] : [{ ...step, ended_at: at, usage_so_far: run.usage }],
  )
  const line = {
    id,
    status: statusOf({ question, record, failure }),
    ...asked,
    best: last?.run.best ?? null,
    first_best: first,
    stop_reason: last?.run.stop_reason ?? null,
    history: last?.run.history ?? [],
    usage: last?.run.usage ?? null,
    settings: record === null ? null : settingsOf(record),
    steps,
    error: failure,
  }
  return `${JSON.stringify(line)}\n`
}

const columns = [
  'id',
  'status',
  'question',
  'answer',
  'reward',
  'first_reward',
  'gain',
  'iteration',
  'stop_reason',
  'prompt_tokens',
  'completion_tokens',
  'seconds',
  'error',
]

/** One question as a row of the summary. */
export function resultRow({ question, record, failure }: QuestionResult): Cell[] {
  const { last, first } = reached(record)
  const best = last?.run.best ?? null
  const usage = last?.run.usage
  return [
    question.id,
    statusOf({ question, record, failure }),
    'query' in question ? question.query : (question.messages.at(-1)?.content ?? ''),
    best?.text ?? null,
    best?.reward ?? null,
    first?.reward ?? null,
    best === null || first === null ? null : best.reward - first.reward,
    best?.iteration ?? null,
    last?.run.stop_reason ?? null,
    usage?.prompt_tokens ?? null,
    usage?.completion_tokens ?? null,
    usage?.seconds ?? null,
    failure === null ? null : `${failure.title}: ${failure.detail}`,
  ]
}

export const resultsCsv = (rows: readonly Cell[][]): string => writeCsv([columns, ...rows])

function statusOf({ record, failure }: QuestionResult): 'done' | 'failed' | 'unfinished' {
  if (failure !== null) return 'failed'
  return record?.nodes.at(-1)?.next === null ? 'done' : 'unfinished'
}

function reached(record: RunRecord | null) {
  const nodes = record?.nodes ?? []
  const steps = nodes.flatMap(({ step }) => (step === null ? [] : [step]))
  return { last: nodes.at(-1), first: firstBest(steps) }
}

function settingsOf({ request }: RunRecord) {
  const { query: _query, messages: _messages, ...settings } = request
  return settings
}
