import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Message, Mode } from '../../shared/client.ts'
import { usualReward } from '../fakes/fake-reward.ts'
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
afterEach(() => {
  if (house.faults.length > 0) throw new Error('a fault of the API itself', { cause: house.faults })
})

const template = (user: string, system = '') => ({ system, user })

describe('what a run asks in its own words', () => {
  const prompts = {
    loss: template('{{query}} | {{chosen}} | {{rejected}}'),
    loss_single: template('{{query}} | {{chosen}}'),
    gradient: template('{{loss}} of {{loss_user}}', 'advise {{chosen}}'),
    update: template('{{gradient}}; {{loss}}; {{excerpt}} in <out> and </out>'),
    answer_tag: 'out',
  }
  const asked = () => house.policy.requests.map(({ messages }) => messages)

  beforeEach(() =>
    house.policy.behave({
      write: ({ n }, index) => (n > 1 ? `${index} <out>new ${index}</out>` : '{{query}}'),
    }),
  )

  test('every template is filled once, an empty system prompt is left out', async () => {
    const run = await house.client.run({ query: 'Q', samples: 2, iterations: 1, prompts })
    const { best, worst } = run.run
    const [, loss, gradient, update] = asked()
    const [first, second] = ['0 <out>new 0</out>', '1 <out>new 1</out>']
    const [chosen, rejected] =
      usualReward(first) >= usualReward(second) ? [first, second] : [second, first]
    const said = `Q | ${chosen} | ${rejected}`
    expect(loss).toEqual([{ role: 'user', content: said }])
    expect(gradient).toEqual([
      { role: 'system', content: `advise ${chosen}` },
      { role: 'user', content: `{{query}} of ${said}` },
    ])
    const fenced = chosen.replaceAll('<', '&lt;')
    expect(update?.[0]?.content).toBe(`{{query}}; {{query}}; ${fenced} in <out> and </out>`)
    expect(run.steps[4]?.candidates?.map(({ text }) => text)).toEqual(['new 0', 'new 1'])
    expect(run.steps[4]?.warnings).toBeUndefined()
    expect([best, worst]).not.toContain(null)
  })

  test('deltas show no tag of its own', async () => {
    const seen: string[] = []
    await house.client.run(
      { query: 'Q', samples: 2, iterations: 1, prompts, until: { step: 'score', iteration: 1 } },
      { onEvent: (event) => void (event.type === 'delta' && seen.push(event.text)) },
    )
    expect(seen.slice(-4).join('')).not.toContain('out>')
  })

  test('one answer only takes loss_single; without it, ours', async () => {
    await house.client.run({ query: 'Q', samples: 1, iterations: 1, prompts })
    expect(asked()[1]?.[0]?.content).toBe('Q | {{query}}')
    house.policy.behave({})
    const { loss } = prompts
    await house.client.run({ query: 'Q', samples: 1, iterations: 1, prompts: { loss } })
    expect(asked()[1]?.at(-1)?.content).toContain('<current>')
  })

  test('revision takes loss_single, or loss', async () => {
    const request = { query: 'Q', samples: 2, iterations: 1, mode: 'revision' as const }
    await house.client.run({ ...request, prompts })
    expect(asked()[1]?.[0]?.content).toMatch(/^Q \| \S+ \S+ \d<\/out>$/)
    house.policy.behave({})
    await house.client.run({ ...request, prompts: { loss: template('one {{query}} {{chosen}}') } })
    expect(asked()[1]?.[0]?.content).toMatch(/^one Q Text/)
  })

  test('they travel in the cursor', async () => {
    const { cursor } = await house.client.start({ query: 'Q', prompts })
    expect((await house.client.inspect(cursor)).prompts).toEqual(prompts)
    const { cursor: bare } = await house.client.start({ query: 'Q' })
    expect(await house.client.inspect(bare)).not.toHaveProperty('prompts')
  })
})

describe('prompts of the operator', () => {
  const pack = {
    loss: template('{{query}} | {{chosen}} | {{rejected}}'),
    update: template('{{gradient}} in <out> and </out>'),
    answer_tag: 'out',
  }

  test('are those of every run that brings none of its own', async () => {
    const other = await openHouse({ settings: { prompts: JSON.stringify(pack) } })
    other.policy.behave({ write: (_, index) => `<out>new ${index}</out> <answer>old</answer>` })
    const request = { query: 'Q', samples: 2, iterations: 1 }
    const asked = () =>
      other.policy.requests.splice(0).map(({ messages }) => messages.at(-1)?.content ?? '')
    const run = await other.client.run(request)
    const [, loss, gradient, update] = asked()
    expect(loss).toMatch(/^Q \| .* \| /)
    expect(gradient).toContain('Which changes would improve this answer?')
    expect(update).toMatch(/ in <out> and <\/out>$/)
    expect(run.steps[4]?.candidates?.map(({ text }) => text)).toEqual(['new 0', 'new 1'])

    // Its own templates come first; the tag goes with its update.
    const prompts = { update: template('by {{gradient}}') }
    const own = await other.client.run({ ...request, prompts })
    const [, ownLoss, , ownUpdate] = asked()
    expect([ownLoss, ownUpdate]).toEqual([
      expect.stringMatching(/^Q \|/),
      expect.stringMatching(/^by /),
    ])
    expect(own.steps[4]?.candidates?.map(({ text }) => text)).toEqual(['old', 'old'])

    // Without a rejected answer, loss would have an empty slot.
    await other.client.run({ ...request, mode: 'revision' })
    expect(asked()[1]).toContain('What is weak in this answer?')
    await other.close()
  })

  test.each([
    [
      'a slot',
      { loss: template('{{query}} {{chosen}}') },
      'loss: the slot {{rejected}} is missing',
    ],
    [
      'another slot',
      { update: template('{{advice}} {{gradient}}') },
      'update.user: there is no slot {{advice}} here',
    ],
    ['a field', { lose: pack.loss }, '$.lose: there is no such field'],
    ['a tag alone', { answer_tag: 'out' }, '$.answer_tag: goes with update'],
    ['another type', { loss: 'Compare.' }, '$.loss: '],
  ])('%s that is wrong is named at the start', async (_, prompts, said) => {
    const settings = { prompts: JSON.stringify(prompts) }
    await expect(openHouse({ settings })).rejects.toThrow(said)
    await expect(openHouse({ settings })).rejects.toThrow(/^TPO_PROMPTS: /)
  })

  test('what is no JSON is refused at the start', async () => {
    const settings = { prompts: '{"loss": ' }
    await expect(openHouse({ settings })).rejects.toThrow(/^TPO_PROMPTS: it is not valid JSON/)
  })
})

const loss = template('{{query}} {{chosen}} {{rejected}}')
test.each<[string, Mode, object, string, string]>([
  [
    'an unknown slot',
    'tpo',
    { gradient: template('{{loss}} {{lose}}') },
    'gradient.user',
    '{{lose}}',
  ],
  [
    'a slot with spaces',
    'tpo',
    { update: template('{{ gradient }}') },
    'update.user',
    '{{ gradient }}',
  ],
  [
    'in the system prompt',
    'tpo',
    { loss: { ...loss, system: '{{loss}}' } },
    'loss.system',
    '{{loss}}',
  ],
  ['no question', 'tpo', { loss: template('{{chosen}} {{rejected}}') }, 'loss', '{{question}}'],
  ['a missing slot', 'tpo', { loss: template('{{query}} {{chosen}}') }, 'loss', '{{rejected}}'],
  ['no loss', 'tpo', { gradient: template('{{chosen}}') }, 'gradient', '{{loss}}'],
  ['no gradient', 'bon', { update: template('{{chosen}}') }, 'update', '{{gradient}}'],
  ['rejected in revision', 'revision', { loss }, 'loss.user', '{{rejected}}'],
  ['a tag alone', 'tpo', { answer_tag: 'out' }, 'answer_tag', 'update'],
  ['no tag', 'tpo', { update: template('{{gradient}}'), answer_tag: 'a>' }, 'answer_tag', ''],
  ['another template', 'tpo', { lose: loss }, 'lose', ''],
])('%s is refused, by name', async (_, mode, prompts, path, words) => {
  for (const address of ['/v1/tpo/start', '/v1/tpo/run']) {
    const problem = await house.problem(address, { query: 'Q', mode, prompts })
    expect(problem).toMatchObject({ status: 422, path: `$.prompts.${path}` })
    expect(problem.detail).toContain(words)
  }
})

test('they are checked for OpenAI’s clients too', async () => {
  const messages = [{ role: 'user', content: 'Q' }]
  const prompts = { update: template('{{gradient}} {{nothing}}') }
  const response = await house.post('/v1/chat/completions', { messages, tpo: { prompts } })
  const { error } = (await response.json()) as { error: { message: string } }
  expect(error.message).toContain('$.tpo.prompts.update.user: there is no slot {{nothing}}')
  expect(house.policy.requests).toEqual([])
})

test('each phase has its settings: policy draws, critic criticises', async () => {
  await house.client.run({
    query: 'Q',
    samples: 2,
    iterations: 1,
    policy: { temperature: 1, top_p: 0.5, max_tokens: 100, extra_body: { top_k: 5 } },
    critic: { temperature: 0, top_p: 0.9, max_tokens: 200, extra_body: { min_p: 0.1 } },
  })
  const policy = { n: 2, temperature: 1, top_p: 0.5, max_tokens: 100, top_k: 5 }
  const critic = { n: 1, temperature: 0, top_p: 0.9, max_tokens: 200, min_p: 0.1 }
  expect(house.policy.requests).toMatchObject([policy, critic, critic, policy])
  expect(house.policy.requests[1]).not.toHaveProperty('top_k')
})

test('the critic can be another model than the policy', async () => {
  const problem = await house.problem('/v1/tpo/run', { query: 'Q', critic: { model: 'judge' } })
  expect(problem).toMatchObject({ upstream_status: 404 })
  expect(house.policy.requests.map(({ model }) => model)).toEqual(['fake-70b', 'judge'])
})

test('every step and every reward see the whole conversation', async () => {
  const messages: Message[] = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello' },
    { role: 'user', content: 'Who are you?' },
  ]
  const text = 'System: Be brief.\n\nUser: Hi\n\nAssistant: Hello\n\nUser: Who are you?'
  for (const mode of ['tpo', 'revision'] as const) {
    house.policy.behave({})
    house.reward.behave({})
    await house.client.run({ messages, mode, samples: 2, iterations: 1 })
    const [sample, ...others] = house.policy.requests
    expect(sample?.messages).toEqual(messages)
    expect(others).toHaveLength(3)
    for (const other of others) {
      expect(other.messages.at(-1)?.content).toContain(`<request>\n${text}\n</request>`)
    }
    const scored = house.reward.requests.flatMap(({ candidates }) => present(candidates))
    expect(scored).toHaveLength(4)
    for (const request of house.reward.requests) expect(request.messages).toEqual(messages)
  }
})

test('a conversation that ends without a question is refused', async () => {
  const user = { role: 'user', content: 'Hi' }
  const assistant = { role: 'assistant', content: 'Hello' }
  for (const last of [assistant, { ...user, content: ' \n' }]) {
    expect(await house.problem('/v1/tpo/start', { messages: [user, last] })).toMatchObject({
      status: 422,
      path: '$.messages',
    })
  }
})
