import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createApp } from '../../api/app.ts'
import { drive, type StepAnswer, TpoClient } from '../../shared/client.ts'
import { type House, openHouse, present } from './house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())
beforeEach(() => {
  house.policy.behave({})
  house.reward.behave({})
})

async function stepwise(request: Parameters<House['client']['start']>[0]): Promise<StepAnswer[]> {
  const answers: StepAnswer[] = []
  const start = await house.client.start(request)
  for await (const answer of drive(start, (cursor) => house.client.step(cursor)))
    answers.push(answer)
  return answers
}

const round = ['loss', 'gradient', 'update', 'score']

test.each([
  ['tpo', ['sample', 'score', ...round, ...round], 7],
  ['revision', ['sample', 'score', ...round, ...round], 7],
  ['bon', ['sample', 'score'], 1],
] as const)(
  '%s takes its steps and asks the models as often as it should',
  async (mode, names, calls) => {
    const answers = await stepwise({ query: 'Why?', mode })
    const { run, next } = present(answers.at(-1))
    expect(answers.map(({ step }) => step.name)).toEqual(names)
    expect(next).toBeNull()
    expect(run.stop_reason).toBe('iterations')
    expect(run.usage).toMatchObject({ model_calls: calls, reward_calls: mode === 'bon' ? 1 : 3 })
    expect(house.policy.requests).toHaveLength(calls)
    expect(house.policy.requests[0]).toMatchObject({
      model: 'fake-70b',
      n: 5,
      temperature: 0.7,
      top_p: 0.95,
      max_tokens: 2048,
      messages: [{ role: 'user', content: 'Why?' }],
    })
    const seeds = house.policy.requests.map(({ seed }) => seed)
    expect(new Set(seeds).size).toBe(calls)
  },
)

test('a run taken step by step equals a run taken whole', async () => {
  const request = { query: 'Why is the sky blue?', samples: 3, iterations: 2, seed: 5 }
  const steps = await stepwise(request)
  const whole = await house.client.run(request)
  expect(whole.steps).toEqual(steps.map(({ step }) => step))
  const stripped = (run: StepAnswer['run']) => ({
    ...run,
    id: '',
    usage: { ...run.usage, seconds: 0 },
  })
  expect(stripped(whole.run)).toEqual(stripped(present(steps.at(-1)).run))
  expect(whole.next).toBeNull()
})

test('a run goes on from a cursor to its end', async () => {
  const [, second] = await stepwise({ query: 'Why?', iterations: 1 })
  const rest = await house.client.run({ cursor: second?.cursor ?? '' })
  expect(rest.steps.map(({ name }) => name)).toEqual(round)
})

test('the same cursor sent twice takes the same step', async () => {
  let { cursor } = await house.client.start({ query: 'Why?', samples: 3, iterations: 1 })
  for (const name of ['sample', 'score', ...round]) {
    const first = await house.client.step(cursor)
    const again = await house.client.step(cursor)
    expect(first.step.name).toBe(name)
    expect(again.step).toEqual(first.step)
    expect(again.run.best).toEqual(first.run.best)
    ;({ cursor } = first)
  }
})

test('another seed draws other answers', async () => {
  const texts = async (seed: number) => {
    const { steps } = await house.client.run({ query: 'Why?', seed, mode: 'bon' })
    return steps[0]?.candidates?.map(({ text }) => text)
  }
  expect(await texts(1)).not.toEqual(await texts(2))
})

test('loss compares best and worst; revision sees no rejected answer', async () => {
  house.reward.behave({ reward: (text) => text.length })
  house.policy.behave({ write: (_, index) => 'x'.repeat(index + 1) })
  await house.client.run({ query: 'Q', samples: 3, iterations: 1 })
  const [, loss] = house.policy.requests
  expect(loss?.messages.at(-1)?.content).toContain('<higher_scored>\nxxx\n</higher_scored>')
  expect(loss?.messages.at(-1)?.content).toContain('<lower_scored>\nx\n</lower_scored>')

  house.policy.behave({ write: (_, index) => 'x'.repeat(index + 1) })
  await house.client.run({ query: 'Q', samples: 3, iterations: 1, mode: 'revision' })
  const [, alone] = house.policy.requests
  expect(alone?.messages.at(-1)?.content).toContain('<current>\nxxx\n</current>')
  expect(alone?.messages.at(-1)?.content).not.toContain('lower_scored')
})

test('critique and advice reach the next prompt', async () => {
  const { steps } = await house.client.run({ query: 'Q', samples: 2, iterations: 1 })
  const [, , gradient, update] = house.policy.requests
  expect(gradient?.messages.at(-1)?.content).toContain(`<critique>\n${steps[2]?.text}\n</critique>`)
  expect(update?.messages.at(-1)?.content).toContain(`<advice>\n${steps[3]?.text}\n</advice>`)
})

test('the answer of a run is the best of all candidates it saw', async () => {
  const { steps, run } = await house.client.run({ query: 'Q', samples: 4, iterations: 3 })
  const rewards = steps
    .flatMap((step) => step.candidates ?? [])
    .flatMap(({ reward }) => reward ?? [])
  expect(rewards).toHaveLength(16)
  expect(run.best?.reward).toBe(Math.max(...rewards))
  expect(run.worst?.reward).toBe(Math.min(...rewards))
  expect(run.history.map(({ count }) => count)).toEqual([4, 4, 4, 4])
})

test('a conversation with a system prompt is sampled and scored as it is', async () => {
  const messages = [
    { role: 'system' as const, content: 'Be brief.' },
    { role: 'user' as const, content: 'Hi' },
    { role: 'assistant' as const, content: 'Hello' },
    { role: 'user' as const, content: 'Who are you?' },
  ]
  await house.client.run({ messages, samples: 2, iterations: 1 })
  expect(house.policy.requests[0]?.messages).toEqual(messages)
  expect(house.reward.requests[0]?.messages).toEqual(messages)
  expect(house.policy.requests[1]?.messages.at(-1)?.content).toContain(
    'System: Be brief.\n\nUser: Hi\n\nAssistant: Hello\n\nUser: Who are you?',
  )
})

test('inspect shows what a cursor holds and asks no model', async () => {
  const start = await house.client.start({ query: 'Q', samples: 2, iterations: 1, seed: 3 })
  const { cursor } = await house.client.step(start.cursor)
  const asked = house.policy.requests.length
  const seen = await house.client.inspect(cursor)
  expect(seen).toMatchObject({
    next: { step: 'score', iteration: 0 },
    messages: [{ role: 'user', content: 'Q' }],
    seed: 3,
    loss: null,
    gradient: null,
  })
  expect(seen.pending).toHaveLength(2)
  expect(seen.expires_at > seen.created_at).toBe(true)
  expect(house.policy.requests).toHaveLength(asked)
})

test('usage holds the time spent inside steps', async () => {
  let now = Date.now()
  const app = createApp({ ...house.deps, clock: () => (now += 100) })
  const client = new TpoClient({
    baseUrl: 'http://localhost',
    fetch: async (url, init) => app.request(String(url), init),
  })
  const { run } = await client.run({ query: 'Q', samples: 2, iterations: 0 })
  expect(run.usage.seconds).toBe(0.2)
})

test('each step has its own address', async () => {
  let { cursor } = await house.client.start({ query: 'Q', samples: 2, iterations: 1 })
  for (const name of ['sample', 'score', ...round]) {
    const response = await house.post(`/v1/tpo/steps/${name}`, { cursor })
    expect(response.status).toBe(200)
    ;({ cursor } = (await response.json()) as StepAnswer)
  }
  expect(await house.problem('/v1/tpo/step', { cursor })).toMatchObject({
    status: 409,
    code: 'run_finished',
  })
  expect(await house.problem('/v1/tpo/run', { cursor })).toMatchObject({ code: 'run_finished' })
})
