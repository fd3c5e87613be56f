/** Which reward model scores here, and whether it can say what it read. */
import { effect, signal } from '@preact/signals'
import type { BackendStatus, StartRequest, TpoClient } from '../../../shared/client.ts'
import { StartRequest as Settings } from '../../../shared/tpo.ts'
import { client } from './connection.ts'

/** Null until the API has said it. */
export const rewardModel = signal<BackendStatus | null>(null)

export const findRewardModel = () =>
  effect(() => {
    void find(client.value)
  })

async function find(client: TpoClient): Promise<void> {
  try {
    const { backends } = await client.backends()
    rewardModel.value = backends.find(({ role }) => role === 'reward') ?? null
  } catch {
    // Runs do without: what is wrong with the API shows where it is used.
  }
}

/** Each answer's text repeats the whole question; of very long ones, that would be megabytes. */
const questionCharacters = 1_000_000

/** Asks for the provenance of rewards, where the reward model's server has it to give. */
export function withProvenance(request: StartRequest): StartRequest {
  const settings = Settings.safeParse(request)
  if (rewardModel.value === null || !settings.success) return request
  const { query = '', messages = [], samples, iterations } = settings.data
  const question = messages.reduce((sum, { content }) => sum + content.length, query.length)
  const explain =
    rewardModel.value.speaks === 'tpo' &&
    question * samples * (iterations + 1) <= questionCharacters
  return { ...request, reward: { ...request.reward, explain } }
}
