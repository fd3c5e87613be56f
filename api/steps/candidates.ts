/** What sample and update share: N answers drawn, read, reported. */
import { problem } from '../../shared/problems.ts'
import type { Candidate, Message, Next } from '../../shared/tpo.ts'
import { affinityOf } from '../affinity.ts'
import { sampling } from '../algorithm/edits.ts'
import type { Answer } from '../algorithm/extract.ts'
import { seedsOf } from '../algorithm/seeds.ts'
import type { State } from '../algorithm/state.ts'
import { applyCandidates, nextStep, spend } from '../algorithm/transitions.ts'
import type { Choice, Drawn } from '../policy/policy.ts'
import type { StepDeps, Progress, StepResult } from './deps.ts'
import { drawWarnings, warnings } from './warnings.ts'

export interface Drawing {
  messages: readonly Message[]
  /** How the answer is taken from what the model wrote. */
  read: (content: string, reasoning: string) => Answer
  hiddenTags: readonly string[]
}

export async function drawCandidates(
  state: State,
  drawing: Drawing,
  deps: StepDeps,
  progress: Progress,
  signal: AbortSignal,
): Promise<StepResult> {
  const next = nextStep(state)
  const { iteration } = next
  const asked = sampling(state)
  const candidateOf = (choice: Choice) => {
    const { repaired, dropped = false, ...split } = drawing.read(choice.content, choice.reasoning)
    const { index, finish_reason, tokens } = choice
    const candidate: Candidate = { index, ...split, finish_reason, tokens }
    return { candidate, repaired, dropped }
  }
  const drawn = await deps.policy.draw(
    {
      messages: drawing.messages,
      n: asked.samples,
      seed: seedsOf(state),
      affinity: affinityOf(state.messages),
      hidden_tags: drawing.hiddenTags,
      ...asked.policy,
    },
    {
      delta: (index, text, channel) => progress({ type: 'delta', index, text, channel }),
      finished: (choice) =>
        progress({ type: 'candidate', iteration, candidate: candidateOf(choice).candidate }),
    },
    signal,
  )
  const read = drawn.choices.map(candidateOf)
  const candidates = read.map(({ candidate }) => candidate)
  const filled = read.filter(({ candidate }) => candidate.text !== '')
  const dropped = read.filter((one) => one.dropped).length
  if (filled.length === 0) throw dropped > 0 ? allDropped(dropped) : nothing(candidates)
  return {
    state: spend(applyCandidates(state, candidates), usageOf(drawn)),
    step: {
      ...named(next),
      candidates,
      ...(next.step === 'update' && { messages: [...drawing.messages] }),
      ...warnings(
        {
          ...drawWarnings(drawn),
          answer_tags_missing: filled.filter(({ repaired }) => repaired).length,
          answers_dropped: dropped,
          empty_answer: candidates.length - filled.length - dropped,
          cut_by_length: candidates.filter(({ finish_reason }) => finish_reason === 'length')
            .length,
        },
        drawn.failure,
      ),
    },
  }
}

const allDropped = (count: number) =>
  problem(
    'policy_empty',
    `The model left out the answer tags in all ${count} answers, and strict_reference drops such answers, as the reference does. Send the cursor again with another edit.sampling.seed, start a run without strict_reference, or ask a model that follows instructions better.`,
  )

function nothing(candidates: readonly Candidate[]) {
  const cut = candidates.some(({ finish_reason }) => finish_reason === 'length')
  const remedy = cut
    ? 'It spent all its tokens before an answer: raise policy.max_tokens, or turn thinking off (for many models policy.extra_body.chat_template_kwargs.enable_thinking = false).'
    : 'Ask again, or try another temperature or model.'
  return problem('policy_empty', `Not one of ${candidates.length} answers has any text. ${remedy}`)
}

export const usageOf = ({ prompt_tokens, completion_tokens, model_calls }: Drawn) => ({
  prompt_tokens,
  completion_tokens,
  model_calls,
})

export const named = ({ step, iteration }: Next) => ({ name: step, iteration })
