/** What loss and gradient share: one text drawn from the critic. */
import { problem } from '../../shared/problems.ts'
import type { Message, Step } from '../../shared/tpo.ts'
import { affinityOf } from '../affinity.ts'
import { readingOf } from '../algorithm/extract.ts'
import { seedsOf } from '../algorithm/seeds.ts'
import type { State } from '../algorithm/state.ts'
import { nextStep, spend } from '../algorithm/transitions.ts'
import { named, usageOf } from './candidates.ts'
import type { Progress, StepDeps, StepResult } from './deps.ts'
import { drawWarnings, warnings } from './warnings.ts'

export interface Critique {
  messages: readonly Message[]
  apply: (state: State, text: string) => State
  /** Mode tpo, and nothing to compare chosen with. */
  single?: boolean
}

export async function critique(
  state: State,
  { messages, apply, single }: Critique,
  deps: StepDeps,
  progress: Progress,
  signal: AbortSignal,
): Promise<StepResult> {
  const next = nextStep(state)
  const { model = state.policy.model, ...critic } = state.critic
  const drawn = await deps.policy.draw(
    {
      messages,
      n: 1,
      seed: seedsOf(state),
      affinity: affinityOf(state.messages),
      ...critic,
      model,
    },
    {
      delta: (index, text, channel) => progress({ type: 'delta', index, text, channel }),
      finished: () => undefined,
    },
    signal,
  )
  const [choice] = drawn.choices
  const { critique: read } = readingOf(state)
  const text = choice === undefined ? '' : read(choice.content, choice.reasoning).text
  if (text === '') {
    throw problem(
      'policy_empty',
      `The ${next.step} of iteration ${next.iteration} came back without text. Ask again; if the model thinks first, raise critic.max_tokens.`,
    )
  }
  const step: Step = {
    ...named(next),
    text,
    messages: [...messages],
    ...warnings({
      ...drawWarnings(drawn),
      cut_by_length: choice?.finish_reason === 'length' ? 1 : 0,
      single_answer: single === true ? 1 : 0,
    }),
  }
  return { state: spend(apply(state, text), usageOf(drawn)), step }
}
