/** A reward model of the fixtures behind the real service. */
import { createApp } from '../../reward-service/app.ts'
import { createMetrics } from '../../reward-service/metrics.ts'
import { loadRewardModel } from '../../reward-service/load.ts'
import type { RewardModel } from '../../reward-service/reward-model.ts'
import { RewardsAnswer } from '../../shared/rewards.ts'
import { serveApp } from '../inference/serve.ts'
import { faultLog } from '../fakes/fault-log.ts'

export interface RewardService {
  model: RewardModel
  url: string
  /** What was no caller's mistake; a test that causes none leaves it empty. */
  faults: unknown[]
  post: (path: string, body: unknown, signal?: AbortSignal) => Promise<Response>
  /** What `/v1/rewards` gives. */
  rewards: (messages: Message[], candidates: string[]) => Promise<number[]>
  close: () => Promise<void>
}

const never = new AbortController().signal

/** Token ids of a conversation, as a model reads it. */
export async function idsOf(model: RewardModel, messages: Message[]): Promise<Int32Array> {
  const [encoded] = await model.encode([{ messages }], { truncate: false, explain: false }, never)
  if (encoded === undefined) throw new Error('there are no ids')
  return encoded.ids
}

export interface Message {
  role: string
  content: string
}

export async function serveModel(path: string, label?: string): Promise<RewardService> {
  const metrics = createMetrics()
  const model = await loadRewardModel(path, { pooling: 'hf', label, threads: 1, events: metrics })
  const faults: unknown[] = []
  const log = faultLog(faults)
  const server = await serveApp(createApp({ model, metrics, version: '0', log }))
  const post = (address: string, body: unknown, signal?: AbortSignal) =>
    fetch(`${server.url}${address}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      signal,
    })
  return {
    model,
    url: server.url,
    faults,
    post,
    async rewards(messages, candidates) {
      const response = await post('/v1/rewards', { messages, candidates })
      const { rewards } = RewardsAnswer.parse(await response.json())
      return rewards.map(({ reward }) => reward)
    },
    async close() {
      await server.close()
      await model.close()
    },
  }
}
