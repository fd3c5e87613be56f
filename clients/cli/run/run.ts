import {
  drive,
  type Position,
  type StartRequest,
  type StepAnswer,
  type TakeStep,
  type TpoClient,
} from '../../../shared/client.ts'
import { firstBest, iterationReports } from '../../common/iterations.ts'
import { failureLine } from '../failure.ts'
import { interruption } from '../interrupt.ts'
import { iterationLines, resultLines } from './report.ts'
import { statusOn } from './status.ts'

export interface RunOptions {
  request: StartRequest
  client: TpoClient
  /** Where it is, for errors. */
  api: string
  json: boolean
}

/**
 * Drives a run step by step: results on standard output, progress on standard error. However it
 * ends, what was reached is printed. Returns the exit code.
 */
export async function run({ request, client, api, json }: RunOptions): Promise<number> {
  const signal = interruption()
  const status = statusOn(process.stderr)
  const answers: StepAnswer[] = []
  let reached: Position | null = null
  let code = 0
  try {
    const started = await client.start(request, { signal })
    reached = started
    const take: TakeStep = (cursor, next) => {
      status.begin(next, started.run)
      return client.step(cursor, { signal, onEvent: status.event })
    }
    for await (const answer of drive(started, take, signal)) {
      answers.push(answer)
      reached = answer
      const report = iterationReports(answers).at(-1)
      if (json || answer.step.name !== 'score' || report === undefined) continue
      status.clear()
      process.stdout.write(iterationLines(report, process.stdout.columns || 80))
    }
  } catch (error) {
    code = signal.aborted ? 130 : 1
    status.clear()
    process.stderr.write(signal.aborted ? 'interrupted\n' : `${failureLine(error, api)}\n`)
  } finally {
    status.clear()
  }
  if (reached === null) return code
  const { cursor, run, next } = reached
  const steps = answers.map((answer) => answer.step)
  process.stdout.write(
    json ? `${JSON.stringify({ cursor, run, next, steps })}\n` : resultLines(run, firstBest(steps)),
  )
  return code
}
