/** What HAProxy costs between the API and its servers, and what is saved where a question stays at one replica. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { affinityHeader, affinityOf } from '../../api/affinity.ts'
import { createApp } from '../../api/app.ts'
import { RewardsAnswer } from '../../shared/rewards.ts'
import { Position, StepAnswer } from '../../shared/tpo.ts'
import { hasHaproxy, startBalancer } from '../api/balancer.ts'
import type { Pace } from '../fakes/paced-models.ts'
import { type ServiceProcess, startService } from '../inference/service-process.ts'
import { benchDeps } from './bench-deps.ts'
import { median, quantile, rounded } from './rounds.ts'

/** Answers of 100 tokens or so, at once. */
const instant: Pace = {
  first: 0,
  token: 0.001,
  tokensPerDelta: 1000,
  sequences: 64,
  medianTokens: 100,
  sigma: 0.2,
  pass: 0,
  passToken: 0,
}

export async function replicas() {
  if (!hasHaproxy) throw new Error('this benchmark needs HAProxy: `apt-get install haproxy`')
  return {
    what: 'HAProxy with the shipped file between the API and servers of another process that answer at once, against the same without it, steps of D2-N5 runs by turns, one at a time; and candidates that come one by one, to two nano-reward processes behind HAProxy, with the header that keeps those of one question together and without it, by turns',
    step_ms: await between(),
    affinity: await together(),
    target: 'p50 of a step: 2 ms more at most; with the header, more tokens shared than without',
  }
}

/** Steps of one run after the other, each way by turns. */
async function between() {
  const child = fork(resolve('tests/bench/models-process.ts'))
  child.send(instant)
  const [url]: unknown[] = await once(child, 'message')
  if (typeof url !== 'string') throw new Error('the models did not start')
  const balancer = await startBalancer([url], [url])
  const post = {
    direct: poster(`${url}/v1`, url),
    balanced: poster(balancer.policies, balancer.rewards),
  }
  const ways = ['direct', 'balanced'] as const
  const times = { direct: [] as number[], balanced: [] as number[] }
  const runs = 120
  for (let run = 0; run < runs; run++) {
    for (const way of ways) {
      const query = `Question ${run}`
      const body = await post[way]('/v1/tpo/start', { query, samples: 5, iterations: 2 })
      let { cursor, next } = Position.parse(body)
      while (next !== null) {
        const began = performance.now()
        const answer = StepAnswer.parse(await post[way]('/v1/tpo/step', { cursor }))
        // The first ones warm up.
        if (run >= 20) times[way].push(performance.now() - began)
        ;({ cursor, next } = answer)
      }
    }
  }
  await balancer.close()
  child.disconnect()
  const of = (part: number) => ({
    direct: rounded(quantile(times.direct, part)),
    balanced: rounded(quantile(times.balanced, part)),
  })
  const p50 = of(0.5)
  return { p50, p90: of(0.9), balanced_over_direct_at_p50: rounded(p50.balanced / p50.direct) }
}

function poster(policy: string, reward: string) {
  const app = createApp(benchDeps({ policy, reward }, 2 ** 23))
  return async (path: string, body: object): Promise<unknown> => {
    const text = JSON.stringify(body)
    const headers = { 'content-type': 'application/json', 'content-length': `${text.length}` }
    const response = await app.request(path, { method: 'POST', headers, body: text })
    if (response.status !== 200) throw new Error(await response.text())
    return response.json()
  }
}

const questions = 12
const candidates = 5
const rounds = 12

/** Candidates of several questions, each in a request of its own, all at once. */
async function together() {
  const services = await Promise.all(
    [0, 1].map(() =>
      startService('reward-service', resolve('models/nano-reward'), { TPO_THREADS: '1' }),
    ),
  )
  const balancer = await startBalancer(
    [],
    services.map(({ url }) => url),
  )
  const ways = ['together', 'spread'] as const
  const seconds = { together: [] as number[], spread: [] as number[] }
  const processor = { together: [] as number[], spread: [] as number[] }
  const share = { together: [] as number[], spread: [] as number[] }
  for (let round = -2; round < rounds; round++) {
    for (const way of ways) {
      const before = await tokens(services)
      const cpu = await cpuSeconds(services)
      const began = performance.now()
      await Promise.all(asks(round, way === 'together').map((ask) => ask(balancer.rewards)))
      const took = (performance.now() - began) / 1000
      const spent = (await cpuSeconds(services)) - cpu
      const after = await tokens(services)
      if (round < 0) continue
      seconds[way].push(took)
      processor[way].push(spent)
      share[way].push((after.sequences - before.sequences) / (after.computed - before.computed))
    }
  }
  await balancer.close()
  await Promise.all(services.map(({ stop }) => stop()))
  const of = (values: typeof seconds) => ({
    together: rounded(median(values.together), 3),
    spread: rounded(median(values.spread), 3),
  })
  return {
    questions,
    candidates_of_each: candidates,
    seconds: of(seconds),
    seconds_of_processor: of(processor),
    tokens_of_sequences_over_computed: of(share),
    processor_time_spread_over_together: rounded(
      median(processor.spread) / median(processor.together),
    ),
  }
}

const words =
  'thank you ana for the flowers on friday workshop reminder bring your laptop and coffee'.split(
    ' ',
  )
const some = (count: number, from: number) =>
  Array.from({ length: count }, (_, at) => words[(from + at * at) % words.length]).join(' ')

function asks(round: number, kept: boolean) {
  return Array.from({ length: questions * candidates }, (_, place) => {
    const [question, candidate] = [place % questions, Math.floor(place / questions)]
    const messages = [
      { role: 'user' as const, content: `${round} ${question} ${some(160, question)}` },
    ]
    const body = JSON.stringify({ messages, candidates: [some(30, candidate)] })
    return async (url: string) => {
      const headers = {
        'content-type': 'application/json',
        ...(kept && { [affinityHeader]: affinityOf(messages) }),
      }
      const response = await fetch(`${url}/v1/rewards`, { method: 'POST', headers, body })
      RewardsAnswer.parse(await response.json())
    }
  })
}

async function cpuSeconds(services: readonly ServiceProcess[]) {
  const values = await Promise.all(services.map((service) => service.cpuSeconds()))
  return values.reduce((sum, one) => sum + one)
}

async function tokens(services: readonly ServiceProcess[]) {
  const total = async (name: string) => {
    const values = await Promise.all(
      services.map(({ metric }) => metric(`tpo_reward_${name}_tokens_total{device="cpu"}`)),
    )
    return values.reduce((sum, one) => sum + (one || 0), 0)
  }
  return { sequences: await total('sequence'), computed: await total('computed') }
}
