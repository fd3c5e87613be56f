/** Many questions, each to its end; whatever happens, what is finished is kept. */
import type { TpoClient } from '../../../shared/client.ts'
import { requestOf, type WholeSettings } from '../../common/batch.ts'
import type { QuestionFailure, QuestionResult } from '../../common/export/results.ts'
import { formatReward } from '../../common/format.ts'
import type { Question } from '../../common/questions.ts'
import { type Checkpoints, openCheckpoints } from './checkpoints.ts'
import { type Models, modelsOf, resultKey } from './key.ts'
import { expectSame } from './manifest.ts'
import type { Item } from './work.ts'
import { workThrough } from './work-through.ts'
import { type Format, writeResults } from './write.ts'

export interface BatchOptions {
  client: TpoClient
  questions: readonly Question[]
  settings: WholeSettings
  concurrency: number
  /** Without an ending; results and the folder of what is finished stand beside each other. */
  output: string
  formats: readonly Format[]
  /** What the mean of the best rewards must reach. */
  minReward: number | undefined
  /** The command that goes on where this one stops. */
  again: string
}

/** Returns the exit code: 0 all done, 3 some failed, 4 rewards too low, 130 interrupted. */
export async function batch(options: BatchOptions): Promise<number> {
  const { client, questions, settings, concurrency, output, formats, minReward, again } = options
  const models = await modelsOf(client)
  const folder = `${output}.parts`
  const checkpoints = await openCheckpoints(folder)
  await expectSame(folder, { settings, models })

  const items = new Map(questions.map((question) => [question, itemOf(question, settings, models)]))
  const outcome = await workThrough([...items.values()], { client, checkpoints, concurrency })
  const results = () => resultsOf(items, checkpoints, outcome.failures)
  const files = await writeResults(output, formats, results, { settings, models })
  for (const file of files) process.stdout.write(`${file}\n`)
  if (outcome.interrupted) {
    process.stderr.write(`stopped; to go on:\n  ${again}\n`)
    return 130
  }
  const { done, meanReward } = outcome
  const low = minReward !== undefined && meanReward !== null && meanReward < minReward
  if (low) {
    const mean = `mean best reward ${formatReward(meanReward)} of ${done} questions`
    process.stderr.write(`${mean} is below --min-reward ${formatReward(minReward)}\n`)
  }
  const failed = outcome.failures.size
  if (failed === 0) return low ? 4 : 0
  process.stderr.write(`${failed} of ${items.size} failed; to try them again:\n  ${again}\n`)
  return 3
}

function itemOf(question: Question, settings: WholeSettings, models: Models): Item {
  return {
    id: question.id,
    key: resultKey(requestOf(question, settings), models),
    // Made anew each time: thousands of questions wait, and few are worked on.
    get settings() {
      return requestOf(question, settings)
    },
  }
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
