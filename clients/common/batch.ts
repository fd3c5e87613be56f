/** What every batch of questions does, wherever it keeps what it has reached. */
import { drive, type TakeStep, type TpoClient } from '../../shared/client.ts'
import { StartRequest, type StartSettings } from '../../shared/tpo.ts'
import type { Question } from './questions.ts'
import type { RunRecord } from './record.ts'
import { newestLeaf, withNode } from './tree.ts'

/** The settings of every run: all of a request but what is asked. */
export type BatchSettings = Omit<StartRequest, 'query' | 'messages'>

/** The same with every default in its place. */
export type WholeSettings = Omit<StartSettings, 'query' | 'messages'>

/** What a question is asked with, defaults included. */
export function requestOf(question: Question, settings: BatchSettings): StartSettings {
  const { id: _id, ...asked } = question
  return StartRequest.parse({ ...settings, ...asked })
}

/** Takes a step as a stream, for it may take longer than a silent connection is left alone. */
export const streamedStep =
  (client: TpoClient): TakeStep =>
  (cursor) =>
    client.step(cursor, { onEvent: () => undefined })

/** Whether a problem says that a kept cursor leads nowhere any more, so that its question begins anew. */
export const leadsNowhere = (code: string): boolean => code.startsWith('cursor_')

/** Takes the steps that are left after a record's newest position; yields it as it is after each. */
export async function* continued(
  record: RunRecord,
  take: TakeStep,
  signal: AbortSignal,
): AsyncGenerator<RunRecord, void, undefined> {
  let last = record
  for await (const { step, run, next, cursor } of drive(newestLeaf(record), take, signal)) {
    const parent = newestLeaf(last).id
    last = withNode(last, { parent, step, run, next, cursor }, new Date()).record
    yield last
  }
}
