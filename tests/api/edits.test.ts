import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { drive, type Edit, type StepAnswer, type StepName } from '../../shared/client.ts'
import { StepName as StepNames } from '../../shared/tpo.ts'
import { type House, openHouse, present } from './house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())
beforeEach(() => {
  // Answers are letters, longer is better.
  house.policy.behave({ write: (_, index) => 'x'.repeat(index + 1) })
  house.reward.behave({ reward: (text) => text.length })
})
afterEach(() => {
  if (house.faults.length > 0) throw new Error('a fault of the API itself', { cause: house.faults })
})

const small = { query: 'Q', samples: 3, iterations: 2 }

/** The first cursor of a run whose next step is this one. */
async function before(name: StepName, request = {}): Promise<string> {
  const start = await house.client.start({ ...small, ...request })
  for await (const { cursor, next } of drive(start, (cursor) => house.client.step(cursor))) {
    if (next?.step === name) return cursor
  }
  return start.cursor
}

const step = (cursor: string, edit?: Edit): Promise<StepAnswer> =>
  house.client.step(cursor, { edit })

const prompt = (at: number) => present(house.policy.requests.at(at)).messages.at(-1)?.content

const rewardsOf = ({ step }: StepAnswer) =>
  step.candidates?.map(({ index, reward }) => [index, reward])

test('before score: candidates are added and dropped', async () => {
  const cursor = await before('score')
  const answer = await step(cursor, { add: [' hand-written '], drop: [0, 2] })
  expect(answer.step.candidates).toMatchObject([
    { index: 1, text: 'xx', reward: 2 },
    { index: 3, text: 'hand-written', finish_reason: 'edit', tokens: 0, reward: 12 },
  ])
  expect(answer.run.best).toMatchObject({ text: 'hand-written', index: 3 })
  expect(answer.run.history).toMatchObject([{ count: 2, mean: 7 }])
  expect(rewardsOf(await step(cursor))).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
  ])
})

test('before loss: chosen and rejected can be swapped; best stays the best', async () => {
  const cursor = await before('loss')
  const swapped = await step(cursor, { chosen: 'worst', rejected: 'best' })
  expect(prompt(-1)).toContain('<higher_scored>\nx\n</higher_scored>')
  expect(prompt(-1)).toContain('<lower_scored>\nxxx\n</lower_scored>')
  expect(swapped.run.best?.text).toBe('xxx')
  // The iteration goes on with the answer that was criticised; the next one with the best again.
  const rest = await house.client.run({ cursor: swapped.cursor })
  const [gradient, update, nextLoss] = house.policy.requests.slice(-5)
  expect(gradient?.messages.at(-1)?.content).toContain('<current>\nx\n</current>')
  expect(update?.messages.at(-1)?.content).toContain('<current>\nx\n</current>')
  expect(nextLoss?.messages.at(-1)?.content).toContain('<higher_scored>\nxxx\n</higher_scored>')
  expect(rest.run.best?.text).toBe('xxx')
})

test('before loss: an answer of your own as chosen or rejected', async () => {
  const cursor = await before('loss')
  await step(cursor, { chosen: { text: 'mine' } })
  expect(prompt(-1)).toContain('<higher_scored>\nmine\n</higher_scored>')
  expect(prompt(-1)).toContain('<lower_scored>\nx\n</lower_scored>')
  await step(cursor, { rejected: { text: 'theirs' } })
  expect(prompt(-1)).toContain('<higher_scored>\nxxx\n</higher_scored>')
  expect(prompt(-1)).toContain('<lower_scored>\ntheirs\n</lower_scored>')
})

test('chosen and rejected the same answer: the loss is as in revision', async () => {
  const answer = await step(await before('loss'), { chosen: 'worst' })
  expect(prompt(-1)).toContain('<current>\nx\n</current>')
  expect(answer.step.warnings).toMatchObject([{ code: 'single_answer', count: 1 }])
})

test('before gradient and update: loss and gradient are replaced, and no model is asked for them', async () => {
  const cursor = await before('gradient')
  const asked = house.policy.requests.length
  const gradient = await step(cursor, { loss: 'Too long.' })
  expect(prompt(-1)).toContain('<critique>\nToo long.\n</critique>')
  await step(gradient.cursor, { gradient: 'Shorten it.' })
  expect(prompt(-1)).toContain('<advice>\nShorten it.\n</advice>')
  expect(house.policy.requests).toHaveLength(asked + 2)
})

test.each(['sample', 'update'] as const)(
  'before %s: sampling shapes this step alone',
  async (name) => {
    const cursor = await before(name)
    const sampling = { temperature: 0.1, top_p: 0.5, max_tokens: 77, samples: 2, seed: 9 }
    await step(cursor)
    const usual = present(house.policy.requests.at(-1))
    const { cursor: after, step: drawn } = await step(cursor, { sampling })
    expect(house.policy.requests.at(-1)).toMatchObject({
      n: 2,
      temperature: 0.1,
      top_p: 0.5,
      max_tokens: 77,
    })
    expect(house.policy.requests.at(-1)?.seed).not.toBe(usual.seed)
    expect(drawn.candidates).toHaveLength(2)
    expect(await house.client.inspect(after)).toMatchObject({
      seed: 7,
      policy: { temperature: 0.7, top_p: 0.95, max_tokens: 2048 },
      run: { samples: 3 },
    })
  },
)

test('the same cursor and edit ask for the same; another seed for something new', async () => {
  house.policy.behave({})
  const cursor = await before('update')
  const texts = async (edit?: Edit) =>
    (await step(cursor, edit)).step.candidates?.map(({ text }) => text)
  const edit = { gradient: 'Shorten it.', sampling: { seed: 9 } }
  expect(await texts(edit)).toEqual(await texts(edit))
  expect(await texts(edit)).not.toEqual(await texts({ ...edit, sampling: { seed: 10 } }))
  expect(await texts(edit)).not.toEqual(await texts({ gradient: 'Shorten it.' }))
  expect(await texts({})).toEqual(await texts())
})

test('forks of one cursor go their own ways', async () => {
  const cursor = await before('update', { iterations: 1 })
  const spent = (await house.client.inspect(cursor)).run.usage
  const [one, other] = await Promise.all([
    house.client.run({ cursor, edit: { sampling: { samples: 1 } } }),
    house.client.run({ cursor, edit: { sampling: { samples: 5 } } }),
  ])
  expect(one.run.history.map(({ count }) => count)).toEqual([3, 1])
  expect(other.run.history.map(({ count }) => count)).toEqual([3, 5])
  expect([one.run.best?.text, other.run.best?.text]).toEqual(['xxx', 'xxxxx'])
  for (const { run } of [one, other]) {
    expect(run.usage.model_calls).toBe(spent.model_calls + 1)
    expect(run.id).toBe(other.run.id)
  }
})

test('a run takes the edit at its first step, a step address takes it too', async () => {
  const cursor = await before('score')
  const { steps } = await house.client.run({ cursor, edit: { drop: [0] } })
  expect(steps[0]?.candidates).toHaveLength(2)
  expect(steps[4]?.candidates).toHaveLength(3)
  const response = await house.post('/v1/tpo/steps/score', { cursor, edit: { drop: [0] } })
  expect(((await response.json()) as StepAnswer).step.candidates).toHaveLength(2)
})

const edits: Record<string, [Edit, readonly StepName[]]> = {
  add: [{ add: ['a'] }, ['score']],
  drop: [{ drop: [0] }, ['score']],
  chosen: [{ chosen: 'best' }, ['loss']],
  rejected: [{ rejected: 'worst' }, ['loss']],
  loss: [{ loss: 'a' }, ['gradient']],
  gradient: [{ gradient: 'a' }, ['update']],
  sampling: [{ sampling: { seed: 1 } }, ['sample', 'update']],
}

test.each(Object.entries(edits))('%s is refused before any other step', async (field, entry) => {
  const [edit, allowed] = entry
  for (const name of StepNames.options.filter((name) => !allowed.includes(name))) {
    const cursor = await before(name)
    for (const path of ['/v1/tpo/step', '/v1/tpo/run', `/v1/tpo/steps/${name}`]) {
      const problem = await house.problem(path, { cursor, edit })
      expect(problem).toMatchObject({ status: 422, path: `$.edit.${field}` })
      expect(problem.detail).toContain(`before ${allowed.join(' or ')}`)
    }
  }
  for (const name of allowed) {
    expect(await step(await before(name), edit)).toMatchObject({ step: { name } })
  }
})

test.each([
  ['score', { drop: [0, 7] }, {}, '$.edit.drop[1]'],
  ['score', { drop: [0, 1, 2] }, {}, '$.edit.drop'],
  ['score', { add: [' '] }, {}, '$.edit.add[0]'],
  ['score', { other: 1 }, {}, '$.edit.other'],
  ['loss', { rejected: 'best' }, { mode: 'revision' }, '$.edit.rejected'],
  ['loss', { chosen: 'middle' }, {}, '$.edit.chosen'],
  ['update', { sampling: { samples: 0 } }, {}, '$.edit.sampling.samples'],
] as const)('before %s, %o is refused', async (name, edit, request, path) => {
  const problem = await house.problem('/v1/tpo/step', { cursor: await before(name, request), edit })
  expect(problem).toMatchObject({ status: 422, code: 'invalid_request', path })
})

test('all may be dropped where one is added', async () => {
  const answer = await step(await before('score'), { drop: [0, 1, 2], add: ['mine'] })
  expect(rewardsOf(answer)).toEqual([[3, 4]])
})
