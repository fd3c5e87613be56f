import type { Warning } from '../../shared/tpo.ts'

const details: Record<Warning['code'], string> = {
  answer_tags_missing:
    'The model left out answer tags; its text was taken as well as it could be. A model that follows instructions better would help.',
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

/** The warnings whose count is not zero, as a step carries them; none at all: no field. */
export function warnings(counts: Partial<Record<Warning['code'], number>>): {
  warnings?: Warning[]
} {
  const found = (Object.keys(details) as Warning['code'][])
    .map((code) => ({ code, detail: details[code], count: counts[code] ?? 0 }))
    .filter(({ count }) => count > 0)
  return found.length === 0 ? {} : { warnings: found }
}
