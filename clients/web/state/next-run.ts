/** The settings of the next run, as this browser last had them. */
import { computed } from '@preact/signals'
import { z } from 'zod'
import { maxTokens, runSeed, samples, temperature, topP } from '../../../shared/sampling.ts'
import { StopSettings } from '../../../shared/stop.ts'
import { type Message, Mode, type StartRequest } from '../../../shared/tpo.ts'
import { modelSettings } from './endpoints.ts'
import { kept } from './preferences.ts'

const { plateau, min_improvement, target_reward, min_gap, token_budget, deadline } =
  StopSettings.shape
const NextRun = z.object({
  mode: Mode,
  samples,
  iterations: z.number().int().min(0).max(100),
  seed: runSeed,
  system: z.string(),
  temperature,
  topP,
  maxTokens,
  criticTemperature: temperature,
  criticTopP: topP,
  criticMaxTokens: maxTokens,
  plateau,
  minImprovement: min_improvement,
  targetReward: target_reward,
  minGap: min_gap,
  tokenBudget: token_budget,
  deadline,
})
type NextRun = z.infer<typeof NextRun>

/** The API's own defaults. */
const usual: NextRun = {
  mode: 'tpo',
  samples: 5,
  iterations: 2,
  seed: 7,
  system: '',
  temperature: 0.7,
  topP: 0.95,
  maxTokens: 2048,
  criticTemperature: 0.7,
  criticTopP: 0.99,
  criticMaxTokens: 8192,
}

const saved = kept('next-run', NextRun, usual)

/** What a form's field reads and writes; a signal is one, too. */
export interface Field<T> {
  value: T
}

const field = <K extends keyof NextRun>(key: K): Field<NextRun[K]> => ({
  get value() {
    return saved.value[key]
  },
  set value(value) {
    saved.value = { ...saved.value, [key]: value }
  },
})

export const nextRun = {
  mode: field('mode'),
  samples: field('samples'),
  iterations: field('iterations'),
  seed: field('seed'),
  /** The system prompt; none if empty. */
  system: field('system'),
  temperature: field('temperature'),
  topP: field('topP'),
  maxTokens: field('maxTokens'),
  criticTemperature: field('criticTemperature'),
  criticTopP: field('criticTopP'),
  criticMaxTokens: field('criticMaxTokens'),
  plateau: field('plateau'),
  minImprovement: field('minImprovement'),
  targetReward: field('targetReward'),
  minGap: field('minGap'),
  tokenBudget: field('tokenBudget'),
  deadline: field('deadline'),
  /** Which groups of settings are not the usual ones. */
  changed: computed(() => {
    const now = saved.value
    const differs = (...keys: (keyof NextRun)[]) => keys.some((key) => now[key] !== usual[key])
    return {
      any: differs(...NextRun.keyof().options),
      system: differs('system'),
      critic: differs('criticTemperature', 'criticTopP', 'criticMaxTokens'),
      stop: Object.keys(stopOf(now)).length > 0,
    }
  }),
  reset() {
    saved.value = usual
  },
  /** What a run is asked with, but for its question. */
  request: (): Omit<StartRequest, 'query' | 'messages'> => requestOf(saved.value),
  /** A whole request; earlier turns and the system prompt make it a conversation. */
  ask(question: string, turns: readonly Message[] = []): StartRequest {
    const { system } = saved.value
    const settings = requestOf(saved.value)
    if (system.trim() === '' && turns.length === 0) return { query: question, ...settings }
    const before: Message[] = system.trim() === '' ? [] : [{ role: 'system', content: system }]
    const messages: Message[] = [...before, ...turns, { role: 'user', content: question }]
    return { messages, ...settings }
  },
}

function requestOf(settings: NextRun): Omit<StartRequest, 'query' | 'messages'> {
  const { mode, samples, iterations, seed } = settings
  const models = modelSettings()
  return {
    mode,
    samples,
    iterations,
    seed,
    policy: {
      ...models.policy,
      temperature: settings.temperature,
      top_p: settings.topP,
      max_tokens: settings.maxTokens,
    },
    critic: {
      ...models.critic,
      temperature: settings.criticTemperature,
      top_p: settings.criticTopP,
      max_tokens: settings.criticMaxTokens,
    },
    stop: stopOf(settings),
  }
}

/** The stops that are set; the least improvement goes with a plateau. */
function stopOf(settings: NextRun): StopSettings {
  const { plateau, minImprovement, targetReward, minGap, tokenBudget, deadline } = settings
  return {
    ...(plateau !== undefined && { plateau }),
    ...(plateau !== undefined &&
      minImprovement !== undefined && { min_improvement: minImprovement }),
    ...(targetReward !== undefined && { target_reward: targetReward }),
    ...(minGap !== undefined && { min_gap: minGap }),
    ...(tokenBudget !== undefined && { token_budget: tokenBudget }),
    ...(deadline !== undefined && { deadline }),
  }
}
