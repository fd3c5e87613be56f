/** The run against best-of-N and against doing nothing, on the same questions. */
import type { TpoClient } from '../../../shared/client.ts'
import type { WholeSettings } from '../../common/batch.ts'
import { messagesOf } from '../../common/export/preferences.ts'
import type { Question } from '../../common/questions.ts'
import { atATime } from '../batch/at-a-time.ts'
import { type Checkpoints, openCheckpoints, replaceFile } from '../batch/checkpoints.ts'
import { modelsOf } from '../batch/key.ts'
import { expectSame } from '../batch/manifest.ts'
import { type Outcome, workThrough } from '../batch/work-through.ts'
import { armsOf } from '../evaluation/arms.ts'
import { collect } from '../evaluation/collect.ts'
import type { Evaluation } from '../evaluation/evaluation.ts'
import { evaluationText } from '../evaluation/text.ts'
import { judgedTexts, type TrialRuns } from '../evaluation/trial.ts'
import { reportHtml } from '../html-report/report-html.ts'
import type { Judge } from './judge.ts'
import { planComparison, type PlannedTrial } from './plan.ts'

export interface CompareOptions {
  client: TpoClient
  questions: readonly Question[]
  /** Of mode tpo or revision. */
  settings: WholeSettings
  repetitions: number
  judge: Judge | null
  concurrency: number
  /** Without an ending; results and the folder of what is finished stand beside each other. */
  output: string
  /** The comparison as JSON on standard output, in the place of words. */
  json: boolean
  /** Share of questions, at least, on which the run has to beat best-of-N. */
  minWinRate: number | undefined
  /** The command that goes on where this one stops. */
  again: string
}

/** Returns the exit code: 0 done, 3 some failed, 4 beaten too seldom, 130 interrupted. */
export async function compare(options: CompareOptions): Promise<number> {
  const { client, questions, settings, repetitions, concurrency, output, again } = options
  const models = await modelsOf(client)
  const folder = `${output}.parts`
  const checkpoints = await openCheckpoints(folder)
  await expectSame(folder, { settings, models })

  const planned = planComparison(questions, settings, repetitions, models)
  const items = planned.flatMap(({ run, bestOfN }) => [run, bestOfN])
  const outcome = await workThrough(items, { client, checkpoints, concurrency })
  if (outcome.interrupted) {
    process.stderr.write(`stopped; to go on:\n  ${again}\n`)
    return 130
  }
  const failed = planned.flatMap((trial) => failuresOf(trial, outcome))
  const whole = planned.filter((trial) => failuresOf(trial, outcome).length === 0)
  const { collected, judge } = await gathered(whole, checkpoints, options)
  const evaluation = collected.evaluation(
    { settings, models: { ...models, judge }, questions: questions.length, repetitions, failed },
    new Date(),
  )
  await tell(evaluation, options)
  if (failed.length > 0) {
    process.stderr.write(`${failed.length} runs failed; to try them again:\n  ${again}\n`)
    return 3
  }
  return beatenEnough(evaluation, options) ? 0 : 4
}

const failuresOf = ({ run, bestOfN }: PlannedTrial, { failures }: Outcome) =>
  [run, bestOfN].flatMap(({ id, key }) => {
    const failure = failures.get(key)
    return failure === undefined ? [] : [{ id, detail: `${failure.title}: ${failure.detail}` }]
  })

/** Reads the runs one after another and has the judge read them. */
async function gathered(
  planned: readonly PlannedTrial[],
  checkpoints: Checkpoints,
  { settings, judge, concurrency }: CompareOptions,
) {
  const collected = collect(armsOf(settings, { bestOfN: true }))
  let judgeModel: string | null = null
  const none: ReadonlyMap<string, number> = new Map()
  let before = Promise.resolve()
  await atATime(planned, concurrency, async (trial) => {
    const turn = before
    const { promise: over, resolve } = Promise.withResolvers<void>()
    before = over
    try {
      const runs = await loaded(trial, checkpoints)
      const judged = await judge?.rewards(messagesOf(runs.run.request), judgedTexts(runs))
      // Results stand in the order of the questions, whichever is judged first.
      await turn
      judgeModel = judged?.model ?? null
      collected.add(runs, (text) => (judged?.rewards ?? none).get(text) ?? null)
    } finally {
      resolve()
    }
  })
  return { collected, judge: judgeModel }
}

async function loaded(
  { question, repetition, run, bestOfN }: PlannedTrial,
  checkpoints: Checkpoints,
): Promise<TrialRuns> {
  const of = async (key: string) => {
    const record = await checkpoints.load(key)
    if (record === null) throw new Error(`the result ${key} is gone`)
    return record
  }
  return { id: question.id, repetition, run: await of(run.key), bestOfN: await of(bestOfN.key) }
}

async function tell(evaluation: Evaluation, { output, json }: CompareOptions): Promise<void> {
  const files = {
    [`${output}.html`]: reportHtml(evaluation),
    [`${output}.json`]: `${JSON.stringify(evaluation, null, 2)}\n`,
  }
  for (const [path, text] of Object.entries(files)) await replaceFile(path, text)
  const names = Object.keys(files).map((path) => `${path}\n`)
  process.stdout.write(json ? `${JSON.stringify(evaluation)}\n` : evaluationText(evaluation))
  ;(json ? process.stderr : process.stdout).write(names.join(''))
}

function beatenEnough({ contests }: Evaluation, { minWinRate = 0 }: CompareOptions): boolean {
  const rate = contests.find(({ over, by }) => over === 'best_of_n' && by === 'reward')?.win_rate
  const reached = rate?.value ?? 0
  if (reached >= minWinRate) return true
  process.stderr.write(
    `best-of-N was beaten on ${exact(reached)} of the questions; --min-win-rate asks for ${exact(minWinRate)}\n`,
  )
  return false
}

const exact = (share: number) => `${(share * 100).toFixed(1)} %`
