/**
 * Several vLLM servers and reward services behind a real HAProxy with the file that is shipped:
 * which one is asked, and what a run notices when one goes away, which is nothing. 2 are killed
 * while runs go on, or 150 in `npm run test:long`, which keeps its result in tests/long-results.
 */
import { resolve } from 'node:path'
import { nat, readConfigureGlobal, record, sample } from 'fast-check'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { affinityOf } from '../../api/affinity.ts'
import type { RunAnswer, StartRequest, StepName, StreamEvent } from '../../shared/client.ts'
import { type FakeReward, startFakeReward } from '../fakes/fake-reward.ts'
import { type Behaviour, digest, type FakeVllm, startFakeVllm } from '../fakes/fake-vllm.ts'
import { startService } from '../inference/service-process.ts'
import { keepResult, machine } from '../keep-result.ts'
import { type Balancer, complaints, hasHaproxy, startBalancer } from './balancer.ts'
import { lastingPort } from './free-port.ts'
import { type House, openHouse, present } from './house.ts'

const long = process.env['MODE'] === 'long'
const kills = long ? 150 : 2
const seed = readConfigureGlobal().seed ?? Math.trunc(Math.random() * 2 ** 31)

const count = 3
const never = new Promise<void>(() => undefined)

let policies: FakeVllm[]
let rewards: FakeReward[]
let balancer: Balancer
/** In front of the replicas, and in front of one of each kind that nothing happens to. */
let house: House
let calm: House

/** Resolves when it is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((next) => setTimeout(next, 5))
}

const kinds = ['policy', 'reward'] as const
type Kind = (typeof kinds)[number]

const replicasOf = (kind: Kind): readonly (FakeVllm | FakeReward)[] =>
  kind === 'policy' ? policies : rewards

/** Ends one as a kill does: its port is shut, and what it was answering breaks off. */
const kill = (kind: Kind, place: number) => present(replicasOf(kind)[place]).close()

/** Starts it again where it was, and resolves when it is asked again. */
async function back(kind: Kind, place: number): Promise<void> {
  const port = Number(new URL(present(replicasOf(kind)[place]).url).port)
  if (kind === 'policy') policies[place] = await startFakeVllm({ port })
  else rewards[place] = await startFakeReward({ port })
  await balancer.holds(`${kind}-${place + 1}`, 'UP')
}

/** Which replicas were asked about the question. */
function asked(kind: Kind, query: string): number[] {
  const affinity = affinityOf([{ role: 'user', content: query }])
  return replicasOf(kind).flatMap(({ affinities }, place) =>
    affinities.includes(affinity) ? [place] : [],
  )
}

/** The replica that a question goes to when nothing is in its way. */
async function homeOf(kind: Kind, query: string): Promise<number> {
  quiet()
  await house.client.run({ query, mode: 'bon', samples: 1 })
  const home = present(asked(kind, query)[0])
  quiet()
  return home
}

function quiet() {
  for (const one of [...policies, ...rewards]) one.behave({})
}

/** What a run comes to, but for its name and what it cost. */
function outcome({ run: { id: _id, usage: _usage, ...run }, steps }: RunAnswer) {
  return { run, steps }
}

/** The same, on servers that nothing happens to. */
const undisturbed = async (request: StartRequest) => outcome(await calm.client.run(request))

describe.skipIf(!hasHaproxy)('behind HAProxy', () => {
  beforeAll(async () => {
    policies = []
    rewards = []
    for (let place = 0; place < count; place++) {
      policies.push(await startFakeVllm({ port: await lastingPort() }))
      rewards.push(await startFakeReward({ port: await lastingPort() }))
    }
    const urls = (servers: readonly { url: string }[]) => servers.map(({ url }) => url)
    balancer = await startBalancer(urls(policies), urls(rewards))
    const settings = { policy_base_url: balancer.policies, reward_base_url: balancer.rewards }
    house = await openHouse({ settings })
    calm = await openHouse()
  })
  afterAll(async () => {
    await Promise.all([house.close(), calm.close(), balancer.close()])
    await Promise.all([...policies, ...rewards].map((one) => one.close()))
  })
  beforeEach(quiet)
  afterEach(() => {
    const faults = [...house.faults, ...calm.faults]
    if (faults.length > 0) throw new Error('a fault of the API itself', { cause: faults })
  })

  test.each([
    ['nothing', {}],
    ['fixed servers', { TPO_POLICY_1: '10.0.0.1:8000', TPO_REWARD_8: '10.0.0.2:7861' }],
    ['names in DNS', { TPO_POLICIES: 'vllm:8000', TPO_REWARDS: 'reward:7861' }],
    ['servers of another kind', { TPO_POLICY_HEALTH: '/readyz', TPO_REWARD_HEALTH: '/health' }],
  ])('the file is whole with %s in the environment', (_, env) => {
    expect(complaints(env)).toEqual([])
  })

  test('a question goes to one replica with all its steps, run after run, and others to others', async () => {
    const queries = Array.from({ length: 9 }, (_, place) => `Question ${place}`)
    for (const query of [...queries, ...queries.slice(0, 3)]) {
      let { cursor, next } = await house.client.start({ query, samples: 3, iterations: 1 })
      while (next !== null) ({ cursor, next } = await house.client.step(cursor))
    }
    // A hash of the question, and nothing else of it.
    for (const { affinities } of [...policies, ...rewards]) {
      for (const affinity of affinities) expect(affinity).toMatch(/^[0-9a-f]{8}$/)
    }
    const homes = kinds.map((kind) => queries.map((query) => asked(kind, query)))
    for (const [at, kind] of kinds.entries()) {
      const each = present(homes[at])
      expect(each.map(({ length }) => length)).toEqual(queries.map(() => 1))
      const all = new Set(each.flat())
      for (let place = queries.length; all.size < count; place++) {
        all.add(await homeOf(kind, `Question ${place}`))
      }
    }
  })

  test('one replica does not get it all where everybody asks the same', async () => {
    const runs = 30
    const open = Promise.withResolvers<void>()
    for (const one of policies) one.behave({ held: open.promise })
    const under = () => policies.map(({ requests }) => requests.length)
    const all = Array.from({ length: runs }, () =>
      house.client.run({ query: 'The same', mode: 'bon', samples: 1 }),
    )
    await until(() => under().reduce((sum, one) => sum + one) === runs)
    // Half again as much as they have on average, with the request that is coming.
    expect(Math.max(...under())).toBeLessThanOrEqual(Math.ceil((1.5 * (runs + 1)) / count))
    open.resolve()
    await Promise.all(all)
  })

  test('callers without a question of ours are spread within the same bound', async () => {
    const calls = 30
    const open = Promise.withResolvers<void>()
    for (const one of policies) one.behave({ held: open.promise })
    const under = () => policies.map(({ requests }) => requests.length)
    const body = {
      model: 'fake-70b',
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
      stream_options: { include_usage: true },
    }
    const init = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }
    const all = Array.from({ length: calls }, () =>
      fetch(`${balancer.policies}/chat/completions`, init).then((response) => response.text()),
    )
    await until(() => under().reduce((sum, one) => sum + one) === calls)
    expect(Math.max(...under())).toBeLessThanOrEqual(Math.ceil((1.5 * (calls + 1)) / count))
    open.resolve()
    for (const text of await Promise.all(all)) expect(text).toContain('[DONE]')
  })

  test('who is not well gets nothing, and its questions again when it is', async () => {
    const query = 'Are you well?'
    const [policy, reward] = [await homeOf('policy', query), await homeOf('reward', query)]
    present(policies[policy]).behave({ unwell: true })
    present(rewards[reward]).behave({ starts: true })
    await Promise.all([
      balancer.holds(`policy-${policy + 1}`, 'DOWN'),
      balancer.holds(`reward-${reward + 1}`, 'DOWN'),
    ])
    const request = { query, samples: 3, iterations: 1 }
    expect(outcome(await house.client.run(request))).toEqual(await undisturbed(request))
    expect(present(policies[policy]).requests).toEqual([])
    expect(present(rewards[reward]).requests).toEqual([])
    quiet()
    await Promise.all([
      balancer.holds(`policy-${policy + 1}`, 'UP'),
      balancer.holds(`reward-${reward + 1}`, 'UP'),
    ])
    expect(await homeOf('policy', query)).toBe(policy)
    expect(await homeOf('reward', query)).toBe(reward)
  })

  test('who answers with a failure is passed over at once', async () => {
    const query = 'Has your engine died?'
    const [policy, reward] = [await homeOf('policy', query), await homeOf('reward', query)]
    present(policies[policy]).behave({ status: 500, message: 'EngineDeadError', retryAfter: '60' })
    const overloaded = {
      status: 503,
      code: 'overloaded',
      detail: 'Busy.',
      retryAfter: '60',
    } as const
    present(rewards[reward]).behave({ fails: overloaded })
    const request = { query, samples: 3, iterations: 1 }
    expect(outcome(await house.client.run(request))).toEqual(await undisturbed(request))
    expect(present(policies[policy]).requests).toHaveLength(4)
    expect(present(rewards[reward]).requests).not.toEqual([])
  })

  test('all reward services have too much to do: asked again', async () => {
    const fails = { status: 503, code: 'overloaded', detail: 'Busy.', times: 2 } as const
    for (const one of rewards) one.behave({ fails })
    // Step by step, for a run asks early and then once more.
    const start = await house.client.start({ query: 'Are you all busy?', samples: 1 })
    const drawn = await house.client.step(start.cursor)
    expect((await house.client.step(drawn.cursor)).run.best).not.toBeNull()
    // Three times by the balancer, and once more by the API.
    expect(rewards.reduce((sum, { requests }) => sum + requests.length, 0)).toBe(4)
  })

  test('two of three policies killed, one while it writes samples, one a loss', async () => {
    // Of the samples, the first is finished by then.
    const write: Behaviour['write'] = (request, index) => {
      const id = digest(JSON.stringify([request.messages, request.seed, index]))
      return `${id} ${'more '.repeat(request.n === 1 ? 20 : 5 * index)}.`
    }
    const cut: Behaviour = { write, midStream: 'hang', after: 15 }
    const names = ['sample', 'loss'] as const
    /** A question that goes to this replica. */
    const askedOf = async (home: number) => {
      for (let place = 0; ; place++) {
        const query = `Who writes the ${names[home]}, ${place}?`
        if ((await homeOf('policy', query)) === home) return query
      }
    }
    const queries = [await askedOf(0), await askedOf(1)]
    for (const one of [...policies, calm.policy]) one.behave({ write })
    /** A run that is about to take this step. */
    const brink = async (query: string, step: StepName) => {
      let { cursor, next } = await house.client.start({ query, samples: 3, iterations: 1 })
      while (next?.step !== step) ({ cursor, next } = await house.client.step(cursor))
      return cursor
    }
    const cursors = [
      await brink(present(queries[0]), 'sample'),
      await brink(present(queries[1]), 'loss'),
    ]
    for (const one of policies.slice(0, 2)) one.behave(cut)
    const told = names.map(() => new Map<string, string>())
    const finished: number[] = []
    const begun = names.map(() => Promise.withResolvers<void>())
    const runs = cursors.map((cursor, at) => {
      let now = ''
      const onEvent = (event: StreamEvent) => {
        if (event.type === 'step_started') now = `${event.step} ${event.iteration}`
        if (event.type === 'candidate' && now.startsWith('sample')) {
          finished.push(event.candidate.index)
          begun[at]?.resolve()
        }
        if (event.type !== 'delta') return
        const which = `${now} ${event.index}`
        told[at]?.set(which, (told[at]?.get(which) ?? '') + event.text)
        if (at > 0) begun[at]?.resolve()
      }
      return house.client.run({ cursor }, { onEvent })
    })
    await Promise.all(begun.map(({ promise }) => promise))
    expect(policies.map(({ requests }) => requests.length).slice(0, 2)).toEqual([1, 1])
    await Promise.all([kill('policy', 0), kill('policy', 1)])
    for (const [at, answer] of (await Promise.all(runs)).entries()) {
      const whole = await undisturbed({ query: present(queries[at]), samples: 3, iterations: 1 })
      const steps = whole.steps.slice(-answer.steps.length)
      expect(outcome(answer)).toEqual({ run: whole.run, steps })
      // Who watched saw each text once.
      for (const { name, iteration, text, candidates = [] } of answer.steps) {
        if (name === 'score') continue
        const written = text === undefined ? candidates.map((one) => one.text) : [text]
        const saw = (index: number) => told[at]?.get(`${name} ${iteration} ${index}`)?.trimEnd()
        expect(written.map((_, index) => saw(index))).toEqual(written)
      }
    }
    expect(finished).toEqual([0, 1, 2])
    calm.policy.behave({})
    await Promise.all([back('policy', 0), back('policy', 1)])
    expect(await homeOf('policy', present(queries[0]))).toBe(0)
  })

  test.each([
    ['', 1],
    [' with more text than the balancer keeps', 30_000],
  ])('a reward service killed while it scores%s', async (_, length) => {
    const write: Behaviour['write'] = (request, index) =>
      digest(JSON.stringify([request.messages, request.seed, index])).repeat(length)
    const request = { query: `Who scores ${length}?`, mode: 'bon', samples: 2 } as const
    const home = await homeOf('reward', request.query)
    for (const one of [...policies, calm.policy]) one.behave({ write, deltaLength: 4096 })
    present(rewards[home]).behave({ held: () => never })
    let { cursor } = await house.client.start(request)
    ;({ cursor } = await house.client.step(cursor))
    const run = house.client.run({ cursor })
    await present(rewards[home]).asked(1)
    await kill('reward', home)
    const whole = await undisturbed(request)
    const { run: ended, steps } = outcome(await run)
    expect({ run: ended, steps }).toEqual({ run: whole.run, steps: whole.steps.slice(1) })
    calm.policy.behave({})
    await back('reward', home)
  })

  test(
    `runs while ${kills} replicas are killed, each at any moment, end as if none were`,
    { timeout: kills * 15_000 },
    async () => {
      const requests = Array.from({ length: 6 }, (_, place) => ({
        query: `Request ${place}`,
        samples: 3,
        iterations: 1,
      }))
      const hardware = machine()
      const began = performance.now()
      const expected = await Promise.all(requests.map(undisturbed))
      const victim = record({ place: nat(count - 1), call: nat(11) })
      const moments = sample(record({ policy: victim, reward: victim }), {
        numRuns: kills / kinds.length,
        seed,
      })
      const found = { kills: 0, runs: 0 }
      for (const moment of moments) {
        const which = `kills at ${JSON.stringify(moment)}, seed ${seed}`
        quiet()
        for (const one of policies) one.behave({ pace: 100 })
        const ends = kinds.map(async (kind) => {
          const { place, call } = moment[kind]
          const calls = () =>
            replicasOf(kind).reduce((sum, { requests: some }) => sum + some.length, 0)
          await until(() => calls() > call)
          await kill(kind, place)
        })
        const answers = await Promise.all(requests.map((request) => house.client.run(request)))
        expect(answers.map(outcome), which).toEqual(expected)
        await Promise.all(ends)
        await Promise.all(kinds.map((kind) => back(kind, moment[kind].place)))
        found.kills += kinds.length
        found.runs += answers.length
      }
      if (!long) return
      const seconds = Math.round((performance.now() - began) / 1000)
      const what = `runs while one of ${count} policies and one of ${count} reward services behind HAProxy are killed, and started again before the next: all ended as runs on servers that nothing happens to`
      keepResult(resolve('tests/long-results'), 'replicas', hardware, {
        what,
        seed,
        seconds,
        ...found,
      })
    },
  )

  test('nothing is logged but who was asked and how it went', () => {
    const lines = balancer.log().split('\n')
    expect(lines.some((line) => line.includes('POST /v1/chat/completions'))).toBe(true)
    const affinity = affinityOf([{ role: 'user', content: 'Question 0' }])
    for (const secret of ['Question', 'uthorization', affinity]) {
      expect(balancer.log()).not.toContain(secret)
    }
  })
})

describe.skipIf(!hasHaproxy)('real reward services behind HAProxy', () => {
  test(
    'one is killed while it scores: the rewards are those of the other',
    { timeout: 60_000 },
    async () => {
      const policy = await startFakeVllm()
      const services = await Promise.all(
        [0, 1].map(() => startService('reward-service', resolve('models/nano-reward'))),
      )
      const between = await startBalancer(
        [policy.url],
        services.map(({ url }) => url),
      )
      const settings = { policy_base_url: between.policies, reward_base_url: between.rewards }
      const api = await openHouse({ settings })
      const request = { query: 'Thank Ana for the flowers', samples: 5, iterations: 1 }
      const whole = outcome(await api.client.run(request))

      await Promise.all(services.map(({ pauseWorker }) => pauseWorker()))
      const run = api.client.run(request)
      const home = await Promise.race(
        [0, 1].map(async (place) => {
          await between.busy(`reward-${place + 1}`)
          return place
        }),
      )
      const [killed, other] = [present(services[home]), present(services[1 - home])]
      await other.resumeWorker()
      await killed.killWorker()
      killed.child.kill('SIGKILL')
      expect(outcome(await run)).toEqual(whole)

      await Promise.all([killed.exit, other.stop()])
      await Promise.all([api.close(), between.close(), policy.close()])
    },
  )
})
