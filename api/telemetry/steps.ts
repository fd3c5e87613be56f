/** Runs and their steps, as spans and log lines. */
import type { Log } from '../../shared/telemetry/log.ts'
import { traceIds } from '../../shared/telemetry/log.ts'
import { attribute, operation, spanKind } from '../../shared/telemetry/names.ts'
import {
  type Attributes,
  begin,
  capturesContent,
  joinTrace,
  note,
  noteCurrent,
  recordedSpan,
  type TracedOptions,
  traced,
  traceparent,
} from '../../shared/telemetry/traced.ts'
import type { Run, RunAnswer, Step, StepAnswer } from '../../shared/tpo.ts'
import type { State } from '../algorithm/state.ts'
import { nextStep, toRun } from '../algorithm/transitions.ts'
import type { StepResult, TakeStep } from '../steps/deps.ts'
import { jsonInput, jsonOutput, questionInput, textOutput } from './content.ts'

const workflow = 'tpo'

/** What all spans of a run have: tools gather them by session and conversation. */
const ofRun = ({ id }: Run | State): Attributes => ({
  [attribute.run]: id,
  [attribute.conversation]: id,
  [attribute.session]: id,
})

const ofStep = (name: string, iteration: number): Attributes => ({
  [attribute.step]: name,
  [attribute.iteration]: iteration,
})

const ofWorkflow = (name: string, { mode, samples, iterations }: Run | State): Attributes => ({
  [attribute.operation]: operation.workflow,
  [attribute.workflow]: name,
  [attribute.agent]: name,
  [attribute.spanKind]: spanKind.chain,
  [attribute.mode]: mode,
  [attribute.samples]: samples,
  [attribute.iterations]: iterations,
})

const stepWorkflow = (step: string) => `${workflow}.${step}`

/** How a run stands after what the span is about. */
const standing = ({ best, worst, stop_reason }: Run): Attributes => ({
  ...(best !== null && { [attribute.best]: best.reward }),
  ...(worst !== null && { [attribute.worst]: worst.reward }),
  ...(best !== null && worst !== null && { [attribute.gap]: best.reward - worst.reward }),
  ...(stop_reason !== null && { [attribute.stopReason]: stop_reason }),
})

const outcome = ({ run, step }: Pick<StepAnswer, 'run' | 'step'>): Attributes => {
  const rewards = step.candidates?.flatMap(({ reward }) => reward ?? []) ?? []
  return {
    ...standing(run),
    ...(rewards.length > 0 && { [attribute.rewards]: rewards }),
    ...(capturesContent() && outputOf(step)),
  }
}

const outputOf = ({ text, candidates }: Step): Attributes =>
  text === undefined ? jsonOutput(candidates?.map(({ text }) => text)) : textOutput(text)

/** What a run is about, which a tool shows of a whole trace where the trace's first span has it. */
const about = (state: State): Attributes => ({
  ...ofRun(state),
  ...(capturesContent() && questionInput(state.messages)),
})

/** The run's first span, by which its later requests find its trace; undefined where nothing is traced. */
export function runBegins(state: State): string | undefined {
  noteCurrent(() => about(state))
  return traceparent()
}

/** A request for a run whose first span was this. */
export function runContinues(state: State, first: string | undefined): void {
  joinTrace(first)
  noteCurrent(() => about(state))
}

/** Each step is a span, inside which models are asked, and a line of the log. */
export const observedStep =
  (take: TakeStep, log: Log): TakeStep =>
  (state, deps, progress, signal) => {
    const next = nextStep(state)
    const name = stepWorkflow(next.step)
    const began = performance.now()
    const options: TracedOptions<StepResult> = {
      signal,
      inherited: { ...ofRun(state), ...ofStep(next.step, next.iteration) },
      attributes: () => ({
        ...ofWorkflow(name, state),
        [attribute.replayed]: false,
        ...(capturesContent() && jsonInput(state.messages)),
      }),
    }
    return traced(`${operation.workflow} ${name}`, options, async (span) => {
      const result = await take(state, deps, progress, signal)
      const answer = { run: toRun(result.state), step: result.step }
      note(span, () => outcome(answer))
      log.info('step', () => ({ ...lineOf(answer, began), replayed: false, ...traceIds(span) }))
      return result
    })
  }

const bestAnswer = ({ best }: Run): Attributes =>
  capturesContent() && best !== null ? textOutput(best.text) : {}

/** A whole run is a span around its steps; its best answer is that of the request too. */
export function observedRun(
  run: Run,
  signal: AbortSignal,
  work: () => Promise<RunAnswer>,
): Promise<RunAnswer> {
  const request = recordedSpan()
  return traced(
    `${operation.workflow} ${workflow}`,
    {
      signal,
      inherited: ofRun(run),
      attributes: () => ofWorkflow(workflow, run),
      result: (answer) => ({ ...standing(answer.run), ...bestAnswer(answer.run) }),
    },
    async () => {
      const answer = await work()
      if (request !== undefined) note(request, () => bestAnswer(answer.run))
      return answer
    },
  )
}

/** A step whose answer was there already: a span and a line that say so. */
export function stepReplayed(answer: StepAnswer, began: number, log: Log): void {
  const { run, step } = answer
  const name = stepWorkflow(step.name)
  const { span } = begin(`${operation.workflow} ${name}`, {
    inherited: { ...ofRun(run), ...ofStep(step.name, step.iteration) },
    attributes: () => ({
      ...ofWorkflow(name, run),
      [attribute.replayed]: true,
      ...outcome(answer),
    }),
  })
  span.end()
  log.info('step', () => ({ ...lineOf(answer, began), replayed: true, ...traceIds(span) }))
}

const lineOf = ({ run, step }: Pick<StepAnswer, 'run' | 'step'>, began: number) => ({
  run_id: run.id,
  step: step.name,
  iteration: step.iteration,
  best: run.best?.reward,
  worst: run.worst?.reward,
  stop_reason: run.stop_reason ?? undefined,
  ms: Math.round(performance.now() - began),
})
