import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { formatReward } from '../../clients/common/format.ts'
import { RunAnswer } from '../../shared/tpo.ts'
import { type House, openHouse } from '../api/house.ts'
import { Command } from '../system/house.ts'

const question = "Write a short email that reminds attendees of Friday's workshop"
let house: House

beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())
afterEach(() => {
  house.policy.behave({})
  house.reward.behave({})
})

const tpo = (args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  new Command(process.execPath, ['clients/cli/tpo.ts', 'run', ...args], {
    TPO_API_URL: house.url,
    FORCE_COLOR: undefined,
    NO_COLOR: undefined,
    ...env,
  })

async function ended(command: Command) {
  const code = await command.exit
  return { code, stdout: command.stdout, stderr: command.stderr }
}

const lines = (text: string) => text.trim().split('\n')

test('a run prints every iteration, the first best and the best answer, and what it took', async () => {
  const json = await ended(tpo(['--json', question]))
  expect(json.code).toBe(0)
  const { run, steps, next } = RunAnswer.parse(JSON.parse(json.stdout))
  expect(next).toBeNull()
  expect(steps.map((step) => `${step.name} ${step.iteration}`)).toEqual([
    'sample 0',
    'score 0',
    ...[1, 2].flatMap((d) => [`loss ${d}`, `gradient ${d}`, `update ${d}`, `score ${d}`]),
  ])

  const { code, stdout, stderr } = await ended(tpo([question]))
  expect(code).toBe(0)
  for (const { iteration, mean, best, std } of run.history) {
    expect(stdout).toMatch(
      new RegExp(
        `^iteration ${iteration}   mean +${formatReward(mean)}   best +${formatReward(best)}   spread ${formatReward(std)}   [\\d,]+ tokens   [\\d.]+ s$`,
        'm',
      ),
    )
  }
  const critiques = steps.filter(({ text }) => text !== undefined)
  expect(critiques).toHaveLength(4)
  for (const { name, text = '' } of critiques) {
    expect(stdout).toMatch(new RegExp(`${name} +${text.replace('.', '\\.')}`))
  }
  const samples = steps[1]?.candidates ?? []
  const firstBest = samples.find((sample) => sample.reward === run.history[0]?.best)
  expect(stdout).toContain(firstBest?.text)
  expect(stdout).toContain(run.best?.text)
  expect(stdout).toContain('\nIt ended because all iterations are done.\n')
  expect(stdout).toContain(`${run.usage.model_calls} model calls`)
  // Progress stays off standard output; without a terminal it is plain lines, one a step.
  expect(lines(stderr)).toHaveLength(steps.length)
  expect(lines(stderr)[2]).toBe('iteration 1/2 · textual loss')
})

test('the flags become the settings of the run', async () => {
  const flags = ['--mode', 'revision', '-n', '2', '-d', '1', '--seed', '3', '--temperature', '0.2']
  const { stdout } = await ended(
    tpo(['--json', ...flags, '--max-tokens', '64', '--model', 'fake-70b', question]),
  )
  const { run, cursor } = RunAnswer.parse(JSON.parse(stdout))
  expect(run).toMatchObject({ mode: 'revision', samples: 2, iterations: 1 })
  const { seed, policy, messages } = await house.client.inspect(cursor)
  expect({ seed, policy }).toMatchObject({
    seed: 3,
    policy: { temperature: 0.2, max_tokens: 64, model: 'fake-70b' },
  })
  expect(messages).toEqual([{ role: 'user', content: question }])
})

test('prompts of a file go with the run; what is wrong in them is named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tpo-prompts-'))
  const file = (name: string, content: string) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }
  const prompts = { gradient: { system: '', user: 'Advise by {{loss}}.' } }
  const good = file('good.json', JSON.stringify(prompts))
  const { stdout } = await ended(tpo(['--json', '-n', '2', '-d', '1', '--prompts', good, question]))
  const { cursor } = RunAnswer.parse(JSON.parse(stdout))
  expect((await house.client.inspect(cursor)).prompts).toEqual(prompts)
  for (const [path, said] of [
    [
      file('slot.json', '{"update": {"user": "{{advice}}"}}'),
      '--prompts: update: user: there is no slot {{advice}}',
    ],
    [file('name.json', '{"lose": {}}'), '--prompts: '],
    [file('text.json', 'loss: x'), 'not valid JSON'],
    [join(folder, 'none.json'), 'cannot be read'],
  ] as const) {
    const wrong = await ended(tpo(['--prompts', path, question]))
    expect([wrong.code, wrong.stdout]).toEqual([2, ''])
    expect(wrong.stderr).toContain(said)
  }
})

test.each([[['-']], [[]]])('the question comes from standard input with %j', async (args) => {
  const command = tpo(['--json', '--mode', 'bon', '-n', '1', ...args])
  command.child.stdin?.end(`  ${question}\n`)
  const { code, stdout } = await ended(command)
  expect(code).toBe(0)
  const { cursor } = RunAnswer.parse(JSON.parse(stdout))
  expect((await house.client.inspect(cursor)).messages[0]?.content).toBe(question)
})

test('the question comes from a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tpo-question-'))
  const path = join(folder, 'question.txt')
  writeFileSync(path, `${question}\n`)
  const short = ['--json', '--mode', 'bon', '-n', '1', '--file']
  const { code, stdout } = await ended(tpo([...short, path]))
  expect(code).toBe(0)
  const { cursor } = RunAnswer.parse(JSON.parse(stdout))
  expect((await house.client.inspect(cursor)).messages[0]?.content).toBe(question)

  const both = await ended(tpo([...short, path, question]))
  expect([both.code, both.stderr]).toEqual([2, 'error: give the question or --file, not both\n'])
  const none = await ended(tpo([...short, join(folder, 'none.txt')]))
  expect([none.code, none.stderr]).toEqual([1, expect.stringContaining('there is no such file')])
})

test('colour follows the terminal and NO_COLOR, and a model cannot steer the terminal', async () => {
  house.policy.behave({ write: (_, index) => `Answer ${index}\u001B[2J\u001B]0;owned\u0007\r!` })
  const bare = ['--mode', 'bon', '-n', '2', question]
  const plain = await ended(tpo(bare))
  // oxlint-disable-next-line no-control-regex
  expect(plain.stdout).not.toMatch(/[\u0000-\u0009\u000B-\u001F]/)
  const coloured = await ended(tpo(bare, { FORCE_COLOR: '1' }))
  expect(coloured.stdout).toContain('\u001B[1miteration 0\u001B[22m')
  expect(coloured.stdout).not.toContain('\u001B[2J')
  const refused = await ended(tpo(bare, { NO_COLOR: '1' }))
  expect(refused.stdout).not.toContain('\u001B')
})

test('an API that is not there is one line that says what to do', async () => {
  const { code, stdout, stderr } = await ended(tpo(['--api', 'http://127.0.0.1:1', question]))
  expect(code).toBe(1)
  expect(stdout).toBe('')
  expect(lines(stderr)).toHaveLength(1)
  expect(stderr).toContain('run `npm start` first or give --api')
})

test('a failing step ends the run with its problem and what was reached', async () => {
  const detail = 'Out of memory; use a smaller batch.'
  house.reward.behave({ fails: { code: 'reward_error', status: 500, detail } })
  const { code, stdout, stderr } = await ended(tpo(['--json', question]))
  expect(code).toBe(1)
  expect(lines(stderr).at(-1)).toMatch(/^error: .+ \(reward_error\)$/)
  const reached = RunAnswer.parse(JSON.parse(stdout))
  expect(reached.next).toEqual({ step: 'score', iteration: 0 })

  house.reward.behave({})
  const rest = await house.client.run({ cursor: reached.cursor })
  expect(rest.run.stop_reason).toBe('iterations')
})

test.each([
  [['--samples', 'many', question], '--samples'],
  [['--samples', '129', question], '--samples'],
  [['--max-tokens', '0', question], '--max-tokens'],
  [['--mode', 'dpo', question], '--mode'],
  [['--api', 'localhost', question], '--api'],
  [['--temprature', '1', question], '--temprature'],
  [['  '], 'no question'],
])('%j is wrong usage', async (args, named) => {
  const { code, stdout, stderr } = await ended(tpo(args))
  expect(code).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toContain(named)
})

test('Ctrl-C ends the upstream work at once and prints the best so far', async () => {
  const loss = Promise.withResolvers<void>()
  house.policy.behave({
    write: (_, index) => {
      if (index === 0) {
        house.policy.behave({ midStream: 'hang' })
        void house.policy.asked().then(loss.resolve)
      }
      return `Sample ${index}.`
    },
  })
  const command = tpo([question])
  await loss.promise
  command.child.kill('SIGINT')
  const { code, stdout, stderr } = await ended(command)
  expect(code).toBe(130)
  expect(stdout).toMatch(/Best answer · reward .+\n\nSample \d\.\n/)
  expect(stdout).not.toContain('It ended')
  expect(lines(stderr).at(-1)).toBe('interrupted')
  await house.policy.abandoned()
})
