/** The reward service as a process: metrics, stopping, and workers that die. */
import { rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, test } from 'vitest'
import { Problem } from '../../shared/problems.ts'
import { RewardsAnswer } from '../../shared/rewards.ts'
import { fixture, withCopy } from '../inference/fixtures.ts'
import { type ServiceProcess, startService } from '../inference/service-process.ts'
import { scrape } from '../fakes/scraped.ts'
import { serveModel } from './serve-model.ts'

const name = 'tiny-reward-fp32'
const messages = [{ role: 'user', content: 'When is the workshop?' }]

const open: ServiceProcess[] = []
afterEach(async () => {
  for (const service of open.splice(0)) {
    service.child.kill('SIGKILL')
    await service.exit
  }
})

async function start(path = fixture(name)): Promise<ServiceProcess> {
  const service = await startService('reward-service', path, { TPO_THREADS: '1' })
  open.push(service)
  return service
}

/** Sequences that share no beginning, of 400 tokens each: a few seconds' work where there are 500. */
const long = (count: number, turn = 0) =>
  Array.from({ length: count }, (_, item) => {
    const number = turn * count + item
    const first = 5 + (number % 280)
    return [first, 5 + Math.floor(number / 280), ...Array.from({ length: 398 }, () => first)]
  })

const isWaiting = async (service: ServiceProcess) => (await service.metric('te_queue_size')) > 0

describe('what it tells', () => {
  test('times in headers, whatever the contract', async () => {
    const service = await serveModel(fixture(name))
    const group = { messages, candidates: ['On Friday.', 'No.'] }
    const own = await service.post('/v1/rewards', group)
    const { usage } = RewardsAnswer.parse(await own.json())
    const foreign = await service.post('/predict', { inputs: ['When?', 'On Friday.'] })
    const refused = await service.post('/predict', { inputs: [] })
    for (const response of [own, foreign]) {
      for (const part of ['total', 'tokenization', 'queue', 'inference']) {
        expect(response.headers.get(`x-${part}-time`)).toMatch(/^\d+$/)
      }
    }
    expect(own.headers.get('x-compute-tokens')).toBe(String(usage.total_tokens))
    expect(refused.headers.get('x-total-time')).toBeNull()
    await service.close()
  })

  test('metrics of requests, batches and devices', async () => {
    const service = await start()
    const response = await fetch(`${service.url}/metrics`)
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
    // What it scored before it was ready counts too.
    const before = await scrape(service.url)
    const { rewards } = RewardsAnswer.parse(
      await (
        await service.post('/v1/rewards', { messages, candidates: ['Yes.', 'No.', 'On Friday.'] })
      ).json(),
    )
    await service.post('/predict', { inputs: [] })
    await service.post('/nothing', {})
    const { samples, value } = await scrape(service.url)
    const added = (...of: Parameters<typeof value>) => value(...of) - before.value(...of)
    expect(samples.filter(({ name }) => name === 'te_request_count')).toMatchObject([
      { labels: { path: '/v1/rewards', status: '200' }, value: 1 },
      { labels: { path: '/predict', status: '422' }, value: 1 },
    ])
    const cpu = { device: 'cpu' }
    const tokens = rewards.reduce((sum, reward) => sum + reward.tokens, 0)
    expect(added('te_request_input_length_sum')).toBe(tokens)
    expect(added('te_batch_next_size_sum')).toBe(3)
    expect(added('tpo_reward_sequence_tokens_total', cpu)).toBe(tokens)
    const computed = added('tpo_reward_computed_tokens_total', cpu)
    expect(computed).toBe(added('te_batch_next_tokens_sum'))
    expect(computed).toBeLessThan(tokens)
    const longest = Math.max(...rewards.map((reward) => reward.tokens))
    expect(added('te_batch_next_size_count')).toBe(1)
    expect(added('tpo_reward_padded_tokens_total', cpu)).toBe(3 * longest - tokens)
    expect(value('tpo_reward_device_seconds_total', cpu)).toBeGreaterThan(0)
    expect(value('tpo_reward_worker_restarts_total', cpu)).toBe(0)
    const states = ['ready', 'starting', 'ended']
    expect(states.map((state) => value('tpo_reward_device_state', { ...cpu, state }))).toEqual([
      1, 0, 0,
    ])
    expect(value('te_queue_size')).toBe(0)
    for (const phase of ['tokenization', 'queue', 'inference']) {
      expect(value(`te_request_${phase}_duration_count`)).toBe(1)
    }
    expect(value('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0)
    expect(value('process_resident_memory_bytes')).toBeGreaterThan(1e7)
  })

  test('its limits and devices', async () => {
    const service = await serveModel(fixture(name))
    expect(await (await fetch(`${service.url}/info`)).json()).toMatchObject({
      model_id: name,
      model_dtype: 'float32',
      max_input_length: 512,
      max_batch_tokens: 4096,
      max_batch_requests: 256,
      provider: 'cpu',
      template_hash: service.model.templateHash,
      devices: [{ name: 'cpu', state: 'ready', restarts: 0 }],
    })
    await service.close()
  })
})

describe('told to stop', () => {
  test('answers what is in hand, takes nothing new, and ends well', async () => {
    const service = await start()
    const { hostname, port } = new URL(service.url)
    const socket = connect(Number(port), hostname)
    socket.write('GET /readyz HTTP/1.1\r\n')
    const late = text(socket)
    let answered = false
    const slow = service.post('/classify', { input: long(500) }).finally(() => (answered = true))
    await service.until(() => isWaiting(service))

    service.child.kill('SIGTERM')
    await service.until(() =>
      service.ready().then(
        () => false,
        () => true,
      ),
    )
    socket.write(`host: ${hostname}\r\n\r\n`)
    expect(await late).toMatch(/^HTTP\/1.1 503 .*"code":"not_ready"/s)
    expect(answered).toBe(false)

    const response = await slow
    expect(response.status).toBe(200)
    const { data }: { data: unknown[] } = await response.json()
    expect(data).toHaveLength(500)
    expect(await service.exit).toBe(0)
    expect(service.stderr()).toMatch(/^tpo: the reward service ends when its requests in hand do/)
  })

  test('does not wait for connections that ask nothing', async () => {
    const service = await start()
    const { hostname, port } = new URL(service.url)
    const silent = connect(Number(port), hostname)
    const ended = text(silent)
    expect(await service.ready()).toBe(true)
    expect(await service.stop()).toBe(0)
    expect(await ended).toBe('')
    expect(service.stderr()).toBe('')
  }, 15_000)

  test('twice, it ends at once', async () => {
    const service = await start()
    const slow = service.post('/classify', { input: long(1024) })
    const end = slow.then(
      () => 'answered',
      () => 'cut off',
    )
    await service.until(() => isWaiting(service))
    while (service.child.exitCode === null) {
      service.child.kill('SIGTERM')
      await fetch(service.url).catch(() => undefined)
    }
    expect(service.child.exitCode).toBe(1)
    expect(await end).toBe('cut off')
  })
})

// Which processes a process has started is told on Linux only.
describe.runIf(process.platform === 'linux')('a worker that dies', () => {
  const restarts = (service: ServiceProcess) =>
    service.metric('tpo_reward_worker_restarts_total{device="cpu"}')
  const logits = async (response: Response) => {
    expect(response.status).toBe(200)
    const { data }: { data: { probs: number[] }[] } = await response.json()
    return data.map(({ probs }) => probs[0])
  }
  const ask = (service: ServiceProcess, input: number[][]) =>
    service.post('/classify', { input, use_activation: false })

  test('is started again, and no caller hears of it', async () => {
    const service = await start()
    for (const turn of [0, 1]) {
      const inputs = Array.from({ length: 8 }, (_, caller) => long(6, 8 * turn + caller))
      const asked = Promise.all(inputs.map((input) => ask(service, input)))
      await service.until(() => isWaiting(service))
      await service.killWorker()
      const scored = await Promise.all((await asked).map(logits))
      expect(await restarts(service)).toBe(turn + 1)
      expect(scored).toEqual(
        await Promise.all(inputs.map(async (input) => logits(await ask(service, input)))),
      )
    }
    expect(service.stderr()).toMatch(/has ended \(SIGKILL\); starting it again\n.*started again/)
  })

  test('with the same sequence twice: its caller may try again', async () => {
    const service = await start()
    let response: Response | undefined
    const asked = ask(service, long(200)).then((given) => (response = given))
    await service.until(async () => {
      if (await service.ready()) await service.killWorker()
      return response !== undefined
    })
    await asked
    expect(response?.status).toBe(503)
    expect(response?.headers.get('retry-after')).toBe('5')
    await service.until(service.ready)
    expect(await logits(await ask(service, [[5, 6, 7]]))).toHaveLength(1)
  })

  test('and cannot be started again: every request is refused, with what to do', async () => {
    await withCopy(name, async (path) => {
      const service = await start(path)
      await rm(path, { recursive: true })
      const rewards = () => service.post('/v1/rewards', { messages, candidates: ['On Friday.'] })
      await service.killWorker()
      await service.until(async () => !(await service.ready()))
      const waiting = rewards()
      const starting = Problem.parse(await (await fetch(`${service.url}/readyz`)).json())
      expect(starting.detail).toContain('is being started again')
      for (const response of [await waiting, await rewards()]) {
        expect(Problem.parse(await response.json())).toMatchObject({
          code: 'not_ready',
          detail: expect.stringContaining('restart the service'),
        })
      }
      expect(await service.ready()).toBe(false)
      expect(await service.metric('tpo_reward_device_state{device="cpu",state="ended"}')).toBe(1)
      expect(service.stderr()).toContain('cannot be loaded')
      expect(await service.stop()).toBe(0)
    })
  })
})
