/** Many runs, so many at a time, each to its end or to its failure. */
import type { Run, TpoClient } from '../../../shared/client.ts'
import type { QuestionFailure } from '../../common/export/results.ts'
import { formatReward } from '../../common/format.ts'
import { totalTokens } from '../../common/iterations.ts'
import { newestLeaf } from '../../common/tree.ts'
import { isOfMachine, PlainError, questionFailure } from '../failure.ts'
import { interruption } from '../interrupt.ts'
import { atATime } from './at-a-time.ts'
import { cannotKeep, type Checkpoints } from './checkpoints.ts'
import { progressOn, type Tally } from './progress.ts'
import { type Item, workOn } from './work.ts'

export interface Outcome {
  /** By key, why a question has no result. */
  failures: ReadonlyMap<string, QuestionFailure>
  interrupted: boolean
  /** How many different questions are done, and the mean of their best rewards; null without any. */
  done: number
  meanReward: number | null
}

/**
 * Works on so many questions at a time; those that ask the same are one. Rejects where something
 * cannot be read or kept on this machine, once the steps in hand have ended.
 */
export async function workThrough(
  items: readonly Item[],
  {
    client,
    checkpoints,
    concurrency,
  }: { client: TpoClient; checkpoints: Checkpoints; concurrency: number },
): Promise<Outcome> {
  const different = [...new Map(items.map((item) => [item.key, item])).values()]
  const interrupted = interruption()
  interrupted.addEventListener('abort', () =>
    process.stderr.write('\nfinishing the steps in hand; Ctrl-C again leaves at once\n'),
  )
  const broken = new AbortController()
  const leaving = AbortSignal.any([interrupted, broken.signal])
  const failures = new Map<string, QuestionFailure>()
  const tally: Tally = {
    total: different.length,
    before: 0,
    done: 0,
    failed: 0,
    tokens: 0,
    reward: 0,
  }
  const isDone = ({ run }: { run: Run }) => {
    tally.done += 1
    tally.reward += run.best?.reward ?? 0
  }
  // All are looked at before any is asked: what is damaged shows before it costs anything.
  const left: Item[] = []
  for (const item of different) {
    const record = await checkpoints.load(item.key)
    const reached = record === null ? null : newestLeaf(record)
    if (reached?.next === null) isDone(reached)
    else left.push(item)
  }
  tally.before = tally.done
  if (tally.before > 0) {
    process.stderr.write(`${tally.before} of ${tally.total} are done already\n`)
  }

  const progress = progressOn(process.stderr, tally)
  const work = async (item: Item) => {
    let tokens = 0
    const onStep = (run: Run) => {
      tally.tokens += totalTokens(run) - tokens
      tokens = totalTokens(run)
    }
    const onAnew = ({ code }: { code: string }) =>
      progress.note(`${item.id}: the API does not go on from what was kept (${code}); begun anew`)
    try {
      const parts = { client, checkpoints, leaving, onStep, onAnew }
      const reached = newestLeaf(await workOn(item, parts))
      isDone(reached)
      progress.ended(`${item.id}: reward ${formatReward(reached.run.best?.reward ?? Number.NaN)}`)
    } catch (error) {
      // What this machine cannot keep ends all; what one question meets is that question's.
      if (isOfMachine(error) || error instanceof PlainError) {
        broken.abort(cannotKeep('what is done', error))
        return
      }
      if (leaving.aborted) return
      const failure = questionFailure(error)
      failures.set(item.key, failure)
      tally.failed += 1
      progress.failed(`${item.id}: ${failure.title}: ${failure.detail}`)
    }
  }
  try {
    await atATime(left, concurrency, work, leaving)
  } finally {
    progress.clear()
  }
  if (broken.signal.aborted) throw broken.signal.reason
  const { done, reward } = tally
  return {
    failures,
    interrupted: interrupted.aborted,
    done,
    meanReward: done === 0 ? null : reward / done,
  }
}
