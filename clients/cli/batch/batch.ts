/** Many questions, each to its end; whatever happens, what is finished is kept. */
import type { Run, TpoClient } from '../../../shared/client.ts'
import { type BatchSettings, requestOf } from '../../common/batch.ts'
import { formatReward } from '../../common/format.ts'
import { totalTokens } from '../../common/iterations.ts'
import { newestLeaf } from '../../common/tree.ts'
import type { QuestionFailure, QuestionResult } from '../../common/export/results.ts'
import type { Question } from '../../common/questions.ts'
import { questionFailure } from '../failure.ts'
import { interruption } from '../interrupt.ts'
import { type Checkpoints, openCheckpoints } from './checkpoints.ts'
import { type Models, resultKey } from './key.ts'
import { expectSame } from './manifest.ts'
import { progressOn, type Tally } from './progress.ts'
import { type Item, workOn } from './work.ts'
import { type Format, writeResults } from './write.ts'

export interface BatchOptions {
  client: TpoClient
  questions: readonly Question[]
  settings: BatchSettings
  concurrency: number
  /** Without an ending; results and the folder of what is finished stand beside each other. */
  output: string
  formats: readonly Format[]
  /** The command that goes on where this one stops. */
  again: string
}

/** Returns the exit code: 0 all done, 3 some failed, 130 interrupted. */
export async function batch(options: BatchOptions): Promise<number> {
  const { client, questions, settings, concurrency, output, formats, again } = options
  const models = await modelsOf(client)
  const folder = `${output}.parts`
  const checkpoints = await openCheckpoints(folder)
  await expectSame(folder, { settings, models })

  const items = new Map(questions.map((question) => [question, itemOf(question, settings, models)]))
  const outcome = await workThrough([...items.values()], { client, checkpoints, concurrency })
  const results = () => resultsOf(items, checkpoints, outcome.failures)
  for (const file of await writeResults(output, formats, results)) process.stdout.write(`${file}\n`)
  if (outcome.interrupted) {
    process.stderr.write(`stopped; to go on:\n  ${again}\n`)
    return 130
  }
  const failed = outcome.failures.size
  if (failed === 0) return 0
  process.stderr.write(`${failed} of ${items.size} failed; to try them again:\n  ${again}\n`)
  return 3
}

interface Outcome {
  /** By key, why a question has no result. */
  failures: ReadonlyMap<string, QuestionFailure>
  interrupted: boolean
}

/** Works on so many questions at a time; those that ask the same are one. */
async function workThrough(
  items: readonly Item[],
  {
    client,
    checkpoints,
    concurrency,
  }: Pick<BatchOptions, 'client' | 'concurrency'> & {
    checkpoints: Checkpoints
  },
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
  const waiting = different.values()
  const worker = async () => {
    for (const item of waiting) {
      if (leaving.aborted) return
      await work(item)
    }
  }
  try {
    await Promise.all(Array.from({ length: concurrency }, worker))
  } finally {
    progress.clear()
  }
  return { failures, interrupted: leaving.aborted }
}

async function modelsOf(client: TpoClient): Promise<Models> {
  const { backends } = await client.backends()
  const of = (role: 'policy' | 'reward') =>
    backends.find((backend) => backend.role === role)?.model ?? null
  return { policy: of('policy'), reward: of('reward') }
}

function itemOf(question: Question, settings: BatchSettings, models: Models): Item {
  const request = requestOf(question, settings)
  return { id: question.id, key: resultKey(request, models), settings: request }
}

async function* resultsOf(
  items: ReadonlyMap<Question, Item>,
  checkpoints: Checkpoints,
  failures: ReadonlyMap<string, QuestionFailure>,
): AsyncGenerator<QuestionResult> {
  for (const [question, { key }] of items) {
    const record = await checkpoints.load(key)
    yield { question, record, failure: failures.get(key) ?? null }
  }
}
