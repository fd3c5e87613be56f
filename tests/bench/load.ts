/** Many callers with one sequence each, against the same sequences in large requests. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { resolve } from 'node:path'
import { RewardsAnswer } from '../../shared/rewards.ts'
import { type ServiceProcess, startService } from '../inference/service-process.ts'
import { type Answered, type Load, post } from './caller.ts'
import { median, quantile, rounded } from './rounds.ts'

const words =
  'thank you ana for the flowers on friday workshop reminder bring your laptop and coffee'
const sequences = 512
const callers = 256
const rounds = 6

/** About 130 tokens of nano-reward. */
function text(): string {
  const list = words.split(' ')
  const some = Array.from({ length: 100 }, () => list[Math.floor(Math.random() * list.length)])
  return `<|bos|><|user|>${some.join(' ')}<|end|>`
}

const body = (input: unknown) => JSON.stringify({ input, use_activation: false })

export async function load(threads: number) {
  const service = await startService('reward-service', resolve('models/nano-reward'), {
    TPO_THREADS: String(threads),
  })
  const texts = Array.from({ length: sequences }, text)
  const large = { callers: 4, bodies: chunks(texts, 64).map(body) }
  const single = { callers, bodies: texts.map(body) }
  await ask(service, { callers: 4, bodies: large.bodies.slice(0, 4) })
  const measured: Measured[] = []
  let same = true
  for (let round = 0; round < rounds; round++) {
    const before = await service.cpuSeconds()
    const whole = await ask(service, large)
    const between = await service.cpuSeconds()
    await service.metric(lag)
    const many = await ask(service, single)
    measured.push({
      seconds: { large: whole.seconds, single: many.seconds },
      cpu: { large: between - before, single: (await service.cpuSeconds()) - between },
      lag: 1000 * (await service.metric(lag)) - lagResolution,
    })
    same &&= JSON.stringify(whole.rewards) === JSON.stringify(many.rewards)
  }
  const added = await idle(service)
  await service.stop()
  return {
    what: `${sequences} sequences of about 130 tokens to nano-reward: ${callers} callers with one each per request, against requests of 64 by 4 callers; the callers share the cores with the service`,
    single_over_large: {
      median: rounded(median(measured.map(({ seconds }) => seconds.large / seconds.single))),
      of_fastest: rounded(
        Math.min(...measured.map(({ seconds }) => seconds.large)) /
          Math.min(...measured.map(({ seconds }) => seconds.single)),
      ),
      of_processor_time: rounded(median(measured.map(({ cpu }) => cpu.large / cpu.single))),
    },
    most_sequences_per_second: rounded(
      sequences / Math.min(...measured.map(({ seconds }) => seconds.single)),
      0,
    ),
    same_scores: same,
    event_loop_lag_p99_ms: measured.map(({ lag }) => rounded(lag)),
    idle_added_ms: { p50: rounded(median(added)), p90: rounded(quantile(added, 0.9)) },
    target: 'single / large ≥ 0.9; lag p99 < 20 ms; added p50 ≤ 3 ms beyond timing.model',
  }
}

interface Measured {
  seconds: { large: number; single: number }
  /** Seconds of processor time of the service, its callers not counted. */
  cpu: { large: number; single: number }
  lag: number
}

const lag = 'nodejs_eventloop_lag_p99_seconds'
/** The metric is the time between two timers that should be so many milliseconds apart. */
const lagResolution = 10

const chunks = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, chunk) =>
    items.slice(chunk * size, (chunk + 1) * size),
  )

async function ask(service: ServiceProcess, load: Omit<Load, 'url'>): Promise<Answered> {
  const child = fork(resolve('tests/bench/caller.ts'), { serialization: 'advanced' })
  child.send({ url: service.url, ...load })
  const [answered]: Answered[] = await once(child, 'message')
  child.disconnect()
  if (answered === undefined) throw new Error('the callers gave up')
  return answered
}

/** Milliseconds that a lone caller waits beyond the forward pass. */
async function idle(service: ServiceProcess): Promise<number[]> {
  const agent = new Agent({ keepAlive: true })
  const added: number[] = []
  for (let turn = 0; turn < 300; turn++) {
    const messages = [{ role: 'user', content: `${turn} ${words}` }]
    const sent = JSON.stringify({ messages, candidates: [words] })
    const began = performance.now()
    const answer = await post(`${service.url}/v1/rewards`, sent, agent)
    const milliseconds = performance.now() - began
    const { timing } = RewardsAnswer.parse(JSON.parse(answer))
    if (turn >= 50) added.push(milliseconds - timing.model)
  }
  agent.destroy()
  return added
}
