import type { Problem } from '../../shared/problems.ts'
import type { Warning } from '../../shared/tpo.ts'
import type { Drawn } from '../policy/policy.ts'

const details: Record<Warning['code'], string> = {
  answers_missing: 'Fewer answers came than were asked for; the run goes on with those that came.',
  seed_refused: 'The policy server takes no seeds, so the same request may bring other answers.',
  answer_tags_missing:
    'The model left out answer tags; its text was taken as well as it could be. A model that follows instructions better would help.',
  answers_dropped:
    'The model left out answer tags; strict_reference drops such answers, as the reference does.',
  empty_answer:
    'An answer was empty and is not scored. If the model thinks first, it may need a larger policy.max_tokens.',
  cut_by_length:
    'The text reached max_tokens before its end; raise max_tokens if the context allows.',
  single_answer:
    'There is one answer only (one sample, or equal texts or rewards), so the loss sees no rejected one.',
  cut_by_deadline:
    'The deadline passed before the text was complete, so it is left out. Answers that were complete are scored.',
  reward_truncated:
    'Question and answer are longer than the reward model takes, so it read them without their middle. A reward model with a longer context would help.',
}

/** What a draw itself warns of. */
export const drawWarnings = ({ missing, seedless }: Drawn) => ({
  answers_missing: missing,
  seed_refused: seedless ? 1 : 0,
})

/**
 * The warnings whose count is not zero, as a step carries them; none at all: no field. `failure`
 * is why answers are missing.
 */
export function warnings(
  counts: Partial<Record<Warning['code'], number>>,
  failure?: Problem,
): { warnings?: Warning[] } {
  const reasons: Partial<Record<Warning['code'], string>> = { answers_missing: failure?.detail }
  const found = (Object.keys(details) as Warning['code'][])
    .map((code) => ({
      code,
      detail: [details[code], reasons[code]].filter((text) => text !== undefined).join(' '),
      count: counts[code] ?? 0,
    }))
    .filter(({ count }) => count > 0)
  return found.length === 0 ? {} : { warnings: found }
}
