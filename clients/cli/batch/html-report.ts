/** The results of a batch as a report: each run beside its own first answers. */
import type { WholeSettings } from '../../common/batch.ts'
import type { QuestionResult } from '../../common/export/results.ts'
import { armsOf } from '../evaluation/arms.ts'
import { collect } from '../evaluation/collect.ts'
import { reportHtml } from '../html-report/report-html.ts'
import type { Models } from './key.ts'

/** What the results were made with. */
export interface MadeWith {
  readonly settings: WholeSettings
  readonly models: Models
}

export async function* htmlReport(
  results: AsyncIterable<QuestionResult>,
  { settings, models }: MadeWith,
) {
  const collected = collect(armsOf(settings, { bestOfN: false }))
  const failed = []
  let questions = 0
  for await (const { question, record, failure } of results) {
    questions += 1
    if (record?.nodes.at(-1)?.next === null) {
      const trial = { id: question.id, repetition: 0, run: record, bestOfN: null }
      collected.add(trial, () => null)
    } else {
      const detail = failure === null ? 'not finished' : `${failure.title}: ${failure.detail}`
      failed.push({ id: question.id, detail })
    }
  }
  const about = { settings, models: { ...models, judge: null }, questions, repetitions: 1, failed }
  yield reportHtml(collected.evaluation(about, new Date()))
}
