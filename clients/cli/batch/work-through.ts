/** Many runs, so many at a time, each to its end or to its failure. */
import type { Run, TpoClient } from '../../../shared/client.ts'
import type { QuestionFailure } from '../../common/export/results.ts'
import { formatReward } from '../../common/format.ts'
import { totalTokens } from '../../common/iterations.ts'
import { newestLeaf } from '../../common/tree.ts'
import { questionFailure } from '../failure.ts'
import { interruption } from '../interrupt.ts'
import { atATime } from './at-a-time.ts'
import type { Checkpoints } from './checkpoints.ts'
import { progressOn, type Tally } from './progress.ts'
import { type Item, workOn } from './work.ts'

export interface Outcome {
  /** By key, why a question has no result. */
  failures: ReadonlyMap<string, QuestionFailure>
  interrupted: boolean
}

/** Works on so many questions at a time; those that ask the same are one. */
export async function workThrough(
  items: readonly Item[],
  {
    client,
    checkpoints,
    concurrency,
  }: { client: TpoClient; checkpoints: Checkpoints; concurrency: number },
): Promise<Outcome> {
  const different = [...new Map(items.map((item) => [item.key, item])).values()]
  const leaving = interruption()
  leaving.addEventListener('abort', () =>
    process.stderr.write('\nfinishing the steps in hand; Ctrl-C again leaves at once\n'),
  )
  const failures = new Map<string, QuestionFailure>()
  const tally: Tally = {
    total: different.length,
    before: 0,
    done: 0,
    failed: 0,
    tokens: 0,
    reward: 0,
  }
  const progress = progressOn(process.stderr, tally)
  const work = async (item: Item) => {
    let tokens = 0
    const onStep = (run: Run) => {
      tally.tokens += totalTokens(run) - tokens
      tokens = totalTokens(run)
    }
    try {
      const { run } = newestLeaf(await workOn(item, { client, checkpoints, leaving, onStep }))
      tally.done += 1
      if (tokens === 0) tally.before += 1
      tally.reward += run.best?.reward ?? 0
      progress.ended(`${item.id}: reward ${formatReward(run.best?.reward ?? Number.NaN)}`)
    } catch (error) {
      // What this machine cannot keep ends all; what one question meets is that question's.
      if (error instanceof Error && 'syscall' in error) throw error
      if (leaving.aborted) return
      const failure = questionFailure(error)
      failures.set(item.key, failure)
      tally.failed += 1
      progress.ended(`${item.id}: ${failure.title}: ${failure.detail}`)
    }
  }
  try {
    await atATime(different, concurrency, work, leaving)
  } finally {
    progress.clear()
  }
  return { failures, interrupted: leaving.aborted }
}
