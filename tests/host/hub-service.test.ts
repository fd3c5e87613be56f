/** The services as processes, with a model of the hub. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RewardsAnswer } from '../../shared/rewards.ts'
import { type FakeHub, startFakeHub } from '../fakes/fake-hub.ts'
import { expected } from '../inference/fixtures.ts'
import { freePorts, root } from '../system/house.ts'
import { blobOf, contents, emptyMachine, repoOf, sizeOf, weights } from './hub.ts'

const reward = repoOf('org/tiny-reward', 'tiny-reward-fp32')
const policy = repoOf('org/tiny-policy', 'tiny-policy-fp16-tied')
const whole = contents(reward, weights).length
const after = 50_000
const patient = { timeout: 20_000 }

let hub: FakeHub
let machine: ReturnType<typeof emptyMachine>
const running: ChildProcess[] = []
beforeEach(async () => {
  hub = await startFakeHub(reward, policy)
  machine = emptyMachine(hub.url)
})
afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
  await hub.close()
})

interface Service {
  child: ChildProcess
  url: string
  printed: () => string
  /** Resolves when it serves. */
  ready: Promise<unknown>
  /** Its exit code, or the signal it died of. */
  ended: Promise<unknown>
}

async function start(entry: string, env: Record<string, string>): Promise<Service> {
  const [port = 0] = await freePorts(1)
  const child = fork(join(root, entry), {
    cwd: root,
    silent: true,
    env: {
      ...process.env,
      ...machine,
      TPO_REWARD_PORT: String(port),
      TPO_LOCAL_POLICY_PORT: String(port),
      TPO_THREADS: '1',
      ...env,
    },
  })
  running.push(child)
  let printed = ''
  child.stdout?.on('data', (chunk) => (printed += String(chunk)))
  child.stderr?.on('data', (chunk) => (printed += String(chunk)))
  const ended = once(child, 'close').then(([code, signal]) => code ?? signal)
  return {
    child,
    url: `http://127.0.0.1:${port}`,
    printed: () => printed,
    ready: Promise.race([once(child, 'message'), ended]),
    ended,
  }
}

const startReward = (env = {}) =>
  start('reward-service/server.ts', { TPO_REWARD_MODEL: reward.id, ...env })
const part = () => `${blobOf(machine.HF_HOME, reward, weights)}.incomplete`
const weightRequests = () =>
  hub.requests.filter(({ url, sent }) => url.includes(blobName()) && sent > 0)
const blobName = () => blobOf('', reward, weights).split('/').at(-1) ?? ''

test('the reward service scores with a model of the hub, under its name', async () => {
  const service = await startReward()
  await service.ready
  const { group } = await expected('tiny-reward-fp32')
  const response = await fetch(`${service.url}/v1/rewards`, {
    method: 'POST',
    body: JSON.stringify({
      model: reward.id,
      messages: group.messages,
      candidates: group.candidates.map(({ text }) => text),
    }),
  })
  const { model, rewards } = RewardsAnswer.parse(await response.json())
  expect(model).toBe(reward.id)
  expect(rewards.map(({ reward }) => reward)).toEqual(
    group.candidates.map(({ logit }) => expect.closeTo(logit, 4)),
  )
  expect(service.printed()).toMatch(/tpo: 100 % of 139 kB.*: org\/tiny-reward\n/)
})

test('so does the local policy, with one in several files', async () => {
  const service = await start('local-policy/server.ts', { TPO_LOCAL_POLICY_MODEL: policy.id })
  await service.ready
  const response = await fetch(`${service.url}/v1/models`)
  expect(await response.json()).toMatchObject({ data: [{ id: policy.id }] })
})

test.each(['SIGINT', 'SIGKILL'] as const)(
  'a start after %s goes on where it was',
  async (signal) => {
    hub.behave({ hold: { path: weights, after } })
    const first = await startReward()
    await expect.poll(() => sizeOf(part()), patient).toBe(after)
    first.child.kill(signal)
    expect(await first.ended).toBe(signal)

    const second = await startReward()
    await second.ready
    expect(weightRequests()).toMatchObject([
      { range: 'bytes=0-', sent: after },
      { range: `bytes=${after}-`, sent: whole - after },
    ])
    const blob = blobOf(machine.HF_HOME, reward, weights)
    expect(readFileSync(blob).equals(contents(reward, weights))).toBe(true)
  },
)

test('of two processes at once, one fetches and both serve', async () => {
  hub.behave({ hold: { path: weights, after } })
  const services = [await startReward(), await startReward()]
  await expect
    .poll(() => services.map(({ printed }) => printed()).join(''), patient)
    .toContain('tpo: waiting for another process that fetches org/tiny-reward')
  await expect.poll(() => sizeOf(part()), patient).toBe(after)
  hub.drop()
  await Promise.all(services.map(({ ready }) => ready))
  const answers = await Promise.all(services.map(({ url }) => fetch(`${url}/readyz`)))
  expect(answers.map(({ status }) => status)).toEqual([200, 200])
  expect(weightRequests().reduce((sum, { sent }) => sum + sent, 0)).toBe(whole)
  expect(hub.requests.filter(({ url }) => url.includes('/tree/'))).toHaveLength(1)
})

test('a download ends with the process that started the service', async () => {
  hub.behave({ hold: { path: weights, after } })
  const service = await startReward()
  await expect.poll(() => sizeOf(part()), patient).toBe(after)
  // "close" never comes to who has disconnected the child.
  const exit = once(service.child, 'exit')
  service.child.disconnect()
  expect(await exit).toEqual([1, null])
})

test.each([
  ['reward-service', 'org/tiny-policy holds a causal model without a value head'],
  [
    'local-policy',
    'org/tiny-reward holds a LlamaForSequenceClassification, which is no policy here',
  ],
])('%s: the wrong kind of model is one line, no weight fetched', async (room, message) => {
  const service = await start(`${room}/server.ts`, {
    TPO_REWARD_MODEL: policy.id,
    TPO_LOCAL_POLICY_MODEL: reward.id,
  })
  expect(await service.ended).toBe(1)
  const lines = service.printed().trimEnd().split('\n')
  expect(lines.slice(1)).toEqual([expect.stringContaining(`tpo: ${message}`)])
  expect(hub.requests.filter(({ server }) => server === 'cdn')).toEqual([])
})

test('what cannot be fetched is one clear line, without the token', async () => {
  const token = 'hf_abcdefghijklmnop'
  hub.behave({ token: 'another', gated: true })
  const service = await startReward({ HF_TOKEN: token })
  expect(await service.ended).toBe(1)
  const lines = service.printed().trimEnd().split('\n')
  expect(lines[0]).toBe(`tpo: fetching org/tiny-reward (main) into ${machine.HF_HOME}/hub`)
  expect(lines.slice(1)).toEqual([expect.stringContaining('accept the model')])
  expect(service.printed()).not.toContain(token)
})
