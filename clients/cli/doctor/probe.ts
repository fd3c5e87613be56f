/** What a trial tells of policy and reward model. */
import type { Problem } from '../../../shared/client.ts'
import {
  type Drawn,
  isWhole,
  maxTokens,
  onlyThought,
  sameTexts,
  type Trial,
  warned,
} from './trial.ts'

/** Something that is not as it should be. */
export interface Finding {
  role: 'policy' | 'reward' | 'api'
  /** Whether runs work all the same. */
  ok: boolean
  detail: string
  /** What the server behind it answered. */
  upstream_status?: number
}

/** Null is unknown. */
export interface Probe {
  /** Whether the policy writes answers. */
  answers: boolean | null
  /** Of the answers of one request together. */
  tokens_per_second: number | null
  /** Whether the same seed gives the same answers, and another seed others. */
  seeds: boolean | null
  /** Whether one request gives several answers. */
  n: boolean | null
  /** Whether the reward model scores. */
  scores: boolean | null
  /** Spent on it, of prompts and answers. */
  tokens: number
  findings: Finding[]
}

/** Of backends that were not tried. */
export const untried: Probe = {
  answers: null,
  tokens_per_second: null,
  seeds: null,
  n: null,
  scores: null,
  tokens: 0,
  findings: [],
}

export function probeOf(trial: Trial): Probe {
  const { first, same, other, scored } = trial
  const drawn = [first, same, other].filter((one) => one !== undefined)
  const usages = drawn.flatMap(({ answer }) => answer?.run.usage ?? [])
  const seconds = usages.reduce((sum, usage) => sum + usage.seconds, 0)
  const prompts = usages.reduce((sum, usage) => sum + usage.prompt_tokens, 0)
  const answers = usages.reduce((sum, usage) => sum + usage.completion_tokens, 0)
  const seeds = seedsOf(trial)
  const calls = isWhole(first) ? first.answer?.run.usage.model_calls : undefined
  const n = calls === undefined ? null : calls === 1
  return {
    answers: onlyThought(first) ? null : first.problem === undefined,
    tokens_per_second: seconds > 0 ? answers / seconds : null,
    seeds,
    n,
    scores: scored === undefined ? null : scored === true,
    tokens: prompts + answers,
    findings: [
      ...drawn.flatMap(failure).slice(0, 1),
      ...(seeds === false ? [warned(first, 'seed_refused') ? seedsRefused : seedsIgnored] : []),
      ...variety(trial),
      ...(n === false ? [noN] : []),
      ...(scored === undefined || scored === true ? [] : [hindrance(scored)]),
    ],
  }
}

function seedsOf({ first, same, other }: Trial): boolean | null {
  if (warned(first, 'seed_refused')) return false
  if (same === undefined || !isWhole(same)) return null
  if (!sameTexts(first, same)) return false
  if (other === undefined || !isWhole(other)) return null
  return sameTexts(same, other) ? null : true
}

/** Why a draw is not whole. */
function failure(drawn: Drawn): Finding[] {
  if (onlyThought(drawn)) return [thinks]
  if (drawn.problem !== undefined) return [hindrance(drawn.problem)]
  const missing = warned(drawn, 'answers_missing')
  return missing === undefined ? [] : [policy(missing.detail)]
}

function hindrance({ code, detail, upstream_status }: Problem): Finding {
  const role = code.startsWith('policy_') ? 'policy' : code.startsWith('reward_') ? 'reward' : 'api'
  return { role, ok: false, detail, upstream_status }
}

/** Answers that should differ and do not. */
function variety({ first, same, other }: Trial): Finding[] {
  if (same !== undefined && other !== undefined && isWhole(other) && sameTexts(same, other)) {
    return [oneAnswer]
  }
  const [one, ...others] = first.texts
  return isWhole(first) && others.every((text) => text === one) ? [alike] : []
}

const policy = (detail: string): Finding => ({ role: 'policy', ok: true, detail })

const seedsRefused = policy(
  'Seeds are refused, so runs go without and cannot be repeated exactly. A server with seeds, such as vLLM, would help.',
)

const seedsIgnored = policy(
  'Seeds are not honoured: the same seed gave other answers, so runs cannot be repeated exactly. With vLLM, start it with VLLM_BATCH_INVARIANT=1, or its answers depend on what else it computes. A proxy before the server may drop the seed.',
)

const oneAnswer = policy(
  'This server gives the same answers whatever the seed, so it cannot be told whether seeds are honoured. TPO compares answers: look for a fixed temperature, a fixed seed or a cache on the server.',
)

const alike = policy(
  'Two answers to one question were the same, and TPO has nothing to compare then. Look for a fixed temperature on the server, or for a server that gives every answer of a request the same seed.',
)

const noN = policy(
  'n is not honoured: every answer takes a request of its own, for which the question is read again. vLLM and SGLang take n where no proxy before them drops it.',
)

const thinks = policy(
  `The model came to no answer within ${maxTokens} tokens, so n and the reward model were not tried. If it thinks first, runs need a max_tokens that leaves room for that.`,
)
