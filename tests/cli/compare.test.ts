/** `tpo compare` as a person runs it; API real, models fake. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Evaluation } from '../../clients/cli/evaluation/evaluation.ts'
import { type House, openHouse } from '../api/house.ts'
import { type FakeReward, startFakeReward } from '../fakes/fake-reward.ts'
import { Command } from '../system/house.ts'

let house: House
let judge: FakeReward
let folder: string
beforeAll(async () => {
  house = await openHouse()
  judge = await startFakeReward()
})
afterAll(() => Promise.all([house.close(), judge.close()]))
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tpo-compare-'))
})
afterEach(() => {
  house.policy.behave({})
  house.reward.behave({})
  judge.behave({})
})

async function compare(questions: readonly string[], ...args: string[]) {
  const file = join(folder, 'questions.json')
  writeFileSync(file, JSON.stringify(questions))
  const given = ['compare', file, '-o', join(folder, 'out'), '-n', '2', '-d', '1', ...args]
  const command = new Command(process.execPath, ['clients/cli/tpo.ts', ...given], {
    TPO_API_URL: house.url,
  })
  const code = await command.exit
  return { code, stdout: command.stdout, stderr: command.stderr }
}

const written = (): Evaluation => JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8'))
/** Rewrites are the better the later they were written, and longer. */
const rewritesWin = () =>
  house.policy.behave({
    write: ({ messages }, index) => {
      const rewrite = messages.some(({ content }) => content.includes('<answer>'))
      return rewrite ? `<answer>Better, and longer ${index}.</answer>` : `Short ${index}.`
    },
  })
const reward = (text: string) => text.length + (text.endsWith('1.') ? 0.5 : 0)

test('it says who won, how surely, and at what price; the judge has its say', async () => {
  rewritesWin()
  house.reward.behave({ reward })
  judge.behave({ reward: (text) => -text.length })
  const questions = ['One?', 'Two?', 'Three?', 'Four?', 'Five?']
  const { code, stdout } = await compare(questions, '--repeat', '2', '--judge', judge.url)
  expect(code).toBe(0)
  expect(stdout).toContain(
    'TPO beats best of 4 on 100 % of 5 questions\n57–100 % with 95 % confidence',
  )
  expect(stdout).toContain('The judge prefers best of 4')
  expect(readFileSync(join(folder, 'out.html'), 'utf8')).toContain('<h1>TPO beats best of 4')
  expect(stdout).toContain(join(folder, 'out.json'))

  const { arms, contests, iterations, models, best_cases, worst_cases, ...rest } = written()
  expect(rest).toMatchObject({ questions: 5, repetitions: 2, failed: [] })
  expect(models).toEqual({ policy: 'fake-70b', reward: 'fake-reward', judge: 'fake-reward' })
  expect(arms.map(({ name, samples, reward }) => [name, samples, reward.value])).toEqual([
    ['first_answer', 1, 8],
    ['first_best', 2, 8.5],
    ['best_of_n', 4, 8.5],
    ['tpo', 4, 21.5],
  ])
  expect(iterations.map(({ best, judge }) => [best.value, judge?.value])).toEqual([
    [8.5, -8],
    [21.5, -21],
  ])
  const over = contests.map(({ over, by, won, lost }) => [over, by, won, lost])
  expect(over).toContainEqual(['best_of_n', 'reward', 10, 0])
  expect(over).toContainEqual(['best_of_n', 'judge', 0, 10])
  expect(best_cases).toHaveLength(3)
  expect(worst_cases).toHaveLength(2)
  expect(best_cases[0]).toMatchObject({
    gain: 13,
    answers: { tpo: { text: 'Better, and longer 1.' } },
  })
  expect(best_cases[0]?.gradient).not.toBeNull()
})

test('what is finished is not asked again; more repetitions add to it', async () => {
  await compare(['One?', 'Two?'])
  const before = house.policy.requests.length
  const { code } = await compare(['One?', 'Two?'])
  expect(code).toBe(0)
  expect(house.policy.requests).toHaveLength(before)
  await compare(['One?', 'Two?'], '--repeat', '2')
  expect(house.policy.requests).toHaveLength(2 * before)
  expect(written().arms.map(({ spread }) => spread !== null)).toEqual([true, true, true, true])
})

test('results stand in the order of the questions, whichever the judge has read first', async () => {
  const second = Promise.withResolvers<void>()
  judge.behave({
    held: ({ messages = [] }) => {
      if (messages[0]?.content === 'One?') return second.promise
      setImmediate(second.resolve)
      return undefined
    },
  })
  await compare(['One?', 'Two?'], '--judge', judge.url)
  expect(written().per_question.map(({ question }) => question)).toEqual(['One?', 'Two?'])
})

test('--json is one object on standard output', async () => {
  const { stdout, stderr } = await compare(['One?'], '--json')
  const printed: Evaluation = JSON.parse(stdout)
  expect(printed).toEqual(written())
  expect(stderr).toContain('out.json')
})

test('a question that fails is named and left out of all numbers', async () => {
  house.policy.behave({
    status: ({ messages }) =>
      messages.some(({ content }) => content === 'Two?') ? 400 : undefined,
  })
  const { code, stderr } = await compare(['One?', 'Two?'])
  expect(code).toBe(3)
  expect(stderr).toContain('2 runs failed; to try them again:')
  const { failed, per_question } = written()
  expect(failed.map(({ id }) => id)).toEqual(['2 tpo', '2 best of 4'])
  expect(per_question.map(({ question }) => question)).toEqual(['One?'])
})

test('--min-win-rate: best-of-N was not beaten often enough', async () => {
  rewritesWin()
  house.reward.behave({ reward: () => 1 })
  const { code, stderr } = await compare(['One?'], '--min-win-rate', '0.6')
  expect(code).toBe(4)
  expect(stderr).toContain('beaten on 50.0 % of the questions; --min-win-rate asks for 60.0 %')
})

test('a judge that does not answer is one line, and what is finished stays', async () => {
  judge.behave({ fails: { code: 'reward_error', status: 500, detail: 'Out of memory.' } })
  const failed = await compare(['One?'], '--judge', judge.url)
  expect(failed.code).toBe(1)
  expect(failed.stderr).toContain(`error: the judge at ${judge.url} answered 500: Out of memory.`)
  const before = house.policy.requests.length
  judge.behave({})
  expect((await compare(['One?'], '--judge', judge.url)).code).toBe(0)
  expect(house.policy.requests).toHaveLength(before)
})

test.each([
  [['--mode', 'bon'], 'best-of-N is what it is compared with'],
  [['-n', '64', '-d', '4'], 'best-of-N beside it would need 320 samples, more than 128'],
  [['--min-win-rate', '60'], '--min-win-rate'],
])('wrong usage: %s', async (args, said) => {
  const { code, stderr } = await compare(['One?'], ...args)
  expect(code).toBe(2)
  expect(stderr).toContain(said)
})
