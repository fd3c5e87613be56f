/** What a run would take, from its settings alone. */
import { packOf, type PromptPack } from '../prompts/pack.ts'
import type { PromptTemplate } from '../../shared/prompts.ts'
import type { Estimate, StartSettings } from '../../shared/tpo.ts'
import { requestText } from './prompts.ts'
import { begin } from './transitions.ts'

/** One assumption about all that is not known before a run. */
interface Case {
  /** Whether a stop ends the run after its first answers. */
  stopped: boolean
  /** Whether the policy's server takes one request per answer. */
  oneByOne: boolean
  /** Bytes of UTF-8 in a token: English has about four, other texts and tokenizers three. */
  bytesPerToken: number
  /** What a chat template puts around a message. */
  frameTokens: number
  /** Tokens of an answer and of a critique. */
  answer: number
  critique: number
}

/** Common lengths, where the settings allow them. */
const usualTokens = 400

/** What a run with these settings would take: at least, usually, and at most for ordinary text. */
export function estimate(settings: StartSettings, pack: PromptPack): Estimate {
  const { policy, critic, stop } = settings
  const stops = Object.keys(stop).length > 0
  const low = count(settings, pack, {
    stopped: stops,
    oneByOne: false,
    bytesPerToken: 6,
    frameTokens: 0,
    answer: 1,
    critique: 1,
  })
  const typical = count(settings, pack, {
    stopped: false,
    oneByOne: false,
    bytesPerToken: 4,
    frameTokens: 5,
    answer: Math.min(policy.max_tokens, usualTokens),
    critique: Math.min(critic.max_tokens, usualTokens),
  })
  const high = count(settings, pack, {
    stopped: false,
    oneByOne: true,
    bytesPerToken: 3,
    frameTokens: 12,
    answer: policy.max_tokens,
    critique: critic.max_tokens,
  })
  const range = (name: keyof typeof low) => ({
    low: low[name],
    typical: typical[name],
    high: high[name],
  })
  return {
    requests: range('requests'),
    model_calls: range('model_calls'),
    reward_calls: range('reward_calls'),
    candidates: range('candidates'),
    prompt_tokens: range('prompt_tokens'),
    completion_tokens: range('completion_tokens'),
  }
}

const utf8 = new TextEncoder()

function count(settings: StartSettings, pack: PromptPack, assumed: Case) {
  const { stopped, oneByOne, bytesPerToken, frameTokens, answer, critique } = assumed
  const { messages, samples, mode, prompts, iterations } = begin(settings, {
    id: '',
    created_at: '',
  })
  const rounds = stopped ? 0 : iterations
  const draws = oneByOne ? samples : 1
  const tokens = (text: string) => utf8.encode(text).length / bytesPerToken

  const slots: Record<string, number> = {
    query: tokens(requestText(messages)),
    question: tokens(messages.at(-1)?.content ?? ''),
    chosen: answer,
    rejected: answer,
    // Twenty words and an ellipsis.
    excerpt: Math.min(answer, 40),
    loss: critique,
    gradient: critique,
  }
  const filled = (text: string) => {
    const used = [...text.matchAll(/\{\{([a-z_]+)\}\}/g)].map(([, name = '']) => slots[name] ?? 0)
    const own = tokens(text.replaceAll(/\{\{[a-z_]+\}\}/g, ''))
    return used.reduce((sum, slot) => sum + slot, own)
  }
  const asked = ({ system, user }: PromptTemplate) =>
    filled(system) + filled(user) + frameTokens * (system === '' ? 1 : 2)

  const { loss: comparing, loss_single, gradient, update } = packOf(pack, prompts, mode)
  const compares = samples > 1 || settings.strict_reference
  const loss = mode === 'tpo' && compares ? comparing : loss_single
  slots['loss_system'] = filled(loss.system)
  slots['loss_user'] = filled(loss.user)
  const sample = messages.reduce((sum, { content }) => sum + tokens(content) + frameTokens, 0)
  const round = asked(loss) + asked(gradient) + draws * asked(update)
  return {
    requests: 1 + 2 + 4 * rounds,
    model_calls: draws + rounds * (2 + draws),
    reward_calls: 1 + rounds,
    candidates: samples * (1 + rounds),
    prompt_tokens: Math.ceil(draws * sample + rounds * round),
    completion_tokens: samples * (1 + rounds) * answer + 2 * rounds * critique,
  }
}
