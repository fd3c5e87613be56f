/** What a stream of a step or a run carries: `event: T` with a JSON object of `type: T`. */
import { z } from 'zod'
import { Problem } from './problems.ts'
import { Candidate, RunAnswer, StepAnswer, StepName } from './tpo.ts'

const index = z.number().int()
const iteration = z.number().int()

export const StepStarted = z
  .object({ type: z.literal('step_started'), step: StepName, iteration })
  .meta({ id: 'StepStartedEvent' })

export const Delta = z
  .object({
    type: z.literal('delta'),
    index,
    text: z.string(),
    channel: z.enum(['answer', 'thinking']),
  })
  .meta({ id: 'DeltaEvent' })

export const CandidateFinished = z
  .object({ type: z.literal('candidate'), iteration, candidate: Candidate })
  .meta({ id: 'CandidateEvent' })

export const Scored = z
  .object({ type: z.literal('score'), iteration, index, reward: z.number() })
  .meta({ id: 'ScoreEvent' })

export const StepFinished = z
  .object({ type: z.literal('step'), ...StepAnswer.shape })
  .meta({ id: 'StepEvent' })

export const Failed = z
  .object({ type: z.literal('error'), problem: Problem })
  .meta({ id: 'ErrorEvent' })

export const StepDone = z
  .object({ type: z.literal('done'), ...StepAnswer.shape })
  .meta({ id: 'StepDoneEvent' })

export const RunDone = z
  .object({ type: z.literal('done'), ...RunAnswer.shape })
  .meta({ id: 'RunDoneEvent' })

/** Progress inside one step. */
export const ProgressEvent = z.discriminatedUnion('type', [
  StepStarted,
  Delta,
  CandidateFinished,
  Scored,
])
export type ProgressEvent = z.infer<typeof ProgressEvent>

/** Everything a stream can carry before `done`. */
export const StreamEvent = z
  .discriminatedUnion('type', [StepStarted, Delta, CandidateFinished, Scored, StepFinished, Failed])
  .meta({ id: 'StreamEvent' })
export type StreamEvent = z.infer<typeof StreamEvent>

/** The stream of one step, `data: [DONE]` aside. */
export const StepStream = z.union([StreamEvent, StepDone]).meta({ id: 'StepStream' })

/** The stream of a run, `data: [DONE]` aside. */
export const RunStream = z.union([StreamEvent, RunDone]).meta({ id: 'RunStream' })
