/** Preference pairs for DPO training, in the conversational format that TRL reads. */
import type { Message } from '../../../shared/tpo.ts'
import type { RunRecord } from '../record.ts'

/** One line of the file: TRL's `prompt`, `chosen` and `rejected`, and where they are from. */
export interface PreferencePair {
  readonly prompt: readonly Message[]
  readonly chosen: readonly [Message]
  readonly rejected: readonly [Message]
  readonly chosen_reward: number
  readonly rejected_reward: number
  readonly run_id: string
  /** The iteration after whose score the two were best and worst. */
  readonly iteration: number
}

/**
 * Best against worst of every scored position of all branches, each pair once. Answers with equal
 * texts or equal rewards are no preference.
 */
export function preferencePairs(record: RunRecord): PreferencePair[] {
  const pairs = new Map<string, PreferencePair>()
  for (const { step, run } of record.nodes) {
    const { best, worst } = run
    if (step?.name !== 'score' || best === null || worst === null) continue
    if (best.text === worst.text || best.reward <= worst.reward) continue
    const key = JSON.stringify([best.text, worst.text])
    if (pairs.has(key)) continue
    pairs.set(key, {
      prompt: messagesOf(record.request),
      chosen: [{ role: 'assistant', content: best.text }],
      rejected: [{ role: 'assistant', content: worst.text }],
      chosen_reward: best.reward,
      rejected_reward: worst.reward,
      run_id: record.id,
      iteration: step.iteration,
    })
  }
  return [...pairs.values()]
}

/** One line for each pair, a run at a time. */
export function* preferencesJsonl(records: Iterable<RunRecord>): Generator<string> {
  for (const record of records) {
    for (const pair of preferencePairs(record)) yield `${JSON.stringify(pair)}\n`
  }
}

/** The conversation a run answers. */
export const messagesOf = ({ query, messages }: RunRecord['request']): readonly Message[] =>
  messages ?? [{ role: 'user', content: query ?? '' }]
