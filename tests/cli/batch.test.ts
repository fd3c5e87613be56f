/** `tpo batch` as a person runs it, killed, interrupted and fed rubbish; API real, models fake. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import type { ChatRequest } from '../fakes/fake-vllm.ts'
import { type House, openHouse } from '../api/house.ts'
import { Command } from '../system/house.ts'

let house: House
let folder: string
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tpo-batch-'))
})
afterEach(() => {
  house.policy.behave({})
  house.reward.behave({})
})

const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const questions = (count: number) =>
  file('questions.json', JSON.stringify(Array.from({ length: count }, (_, at) => `Question ${at}`)))

const command = (path: string, ...args: string[]) =>
  new Command(
    process.execPath,
    ['clients/cli/tpo.ts', 'batch', path, '-o', join(folder, 'out'), '-n', '2', '-d', '1', ...args],
    { TPO_API_URL: house.url },
  )
async function ended(path: string, ...args: string[]) {
  const one = command(path, ...args)
  const code = await one.exit
  return { code, stdout: one.stdout, stderr: one.stderr }
}

const jsonLines = (name: string) =>
  readFileSync(join(folder, name), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

const isAbout = (request: ChatRequest, text: string) =>
  request.messages.some(({ content }) => content.includes(text))

test('results stand in the order of the file, under its ids, in every format', async () => {
  const path = file(
    'questions.csv',
    'id,query,system\nlate,"What, now?",\nfirst,Say <SEP> twice,Be brief.\n',
  )
  const { code, stdout, stderr } = await ended(
    path,
    '--format',
    'jsonl',
    'csv',
    'html',
    'preferences',
    'reference',
  )
  expect({
    code,
    files: stdout
      .trim()
      .split('\n')
      .map((line) => line.slice(folder.length)),
  }).toEqual({
    code: 0,
    files: [
      '/out.jsonl',
      '/out.csv',
      '/out.html',
      '/out.preferences.jsonl',
      '/out.json',
      '/logs/out.jsonl',
    ],
  })
  expect(readFileSync(join(folder, 'out.html'), 'utf8')).toMatch(/<h1>TPO finds .* 2 questions</)
  expect(stderr.trim().split('\n')).toHaveLength(2)
  const results = jsonLines('out.jsonl')
  expect(results.map(({ id, status }) => [id, status])).toEqual([
    ['late', 'done'],
    ['first', 'done'],
  ])
  expect(results[1].messages[0]).toEqual({ role: 'system', content: 'Be brief.' })
  for (const { best, history, steps, usage } of results) {
    expect(best.reward).toBe(Math.max(...history.map((entry: { best: number }) => entry.best)))
    expect(steps).toHaveLength(6)
    expect(steps.at(-1).usage_so_far).toEqual(usage)
    expect(usage.model_calls).toBe(4)
  }
  const reference: Record<string, number>[] = JSON.parse(
    readFileSync(join(folder, 'out.json'), 'utf8'),
  )
  expect(reference.map((entry) => Object.keys(entry).length)).toEqual([4, 4])
  const [name = ''] = Object.keys(reference[1] ?? {})
  expect(name).toMatch(/^INDEX-1<SEP>Say <SEP> twice<SEP>Text/)
  expect(reference[1]?.[name]).toBe(results[1].steps[1].candidates[0].reward)
})

test('one failing question is told and stops nobody; the same command tries it alone again', async () => {
  const path = questions(3)
  house.policy.behave({
    status: (request) => (isAbout(request, 'Question 1') ? 400 : undefined),
    message: 'No.',
  })
  const first = await ended(path)
  expect(first.code).toBe(3)
  expect(first.stderr).toContain('2: The policy refused the request')
  expect(first.stderr).toContain('1 of 3 failed; to try them again:\n  tpo batch')
  expect(jsonLines('out.jsonl').map(({ status }) => status)).toEqual(['done', 'failed', 'done'])

  house.policy.behave({})
  const again = await ended(path)
  expect(again.code).toBe(0)
  expect(house.policy.requests.every((request) => isAbout(request, 'Question 1'))).toBe(true)
  expect(jsonLines('out.jsonl').map(({ status }) => status)).toEqual(['done', 'done', 'done'])
})

test('killed in the middle, the same command goes on with the steps that are left', async () => {
  const path = questions(4)
  let updates = 0
  house.policy.behave({
    write: (request, index) => {
      if (request.messages.at(-1)?.content.includes('<answer>') && ++updates === 3) {
        killed.child.kill('SIGKILL')
      }
      return `<answer>Text ${index}</answer>`
    },
  })
  const killed = command(path, '-c', '1')
  await killed.exit
  const kept = readdirSync(join(folder, 'out.parts')).filter((name) => name !== 'made-with.json')
  expect(kept.length).toBeGreaterThan(0)
  const before = house.policy.requests.length
  house.policy.behave({})
  const { code } = await ended(path)
  expect(code).toBe(0)
  // Four calls for each question, of which only the one in hand at the end was made twice.
  expect(before + house.policy.requests.length).toBeLessThanOrEqual(4 * 4 + 1)
  expect(jsonLines('out.jsonl').map(({ status }) => status)).toEqual(Array(4).fill('done'))
})

test('Ctrl-C finishes the steps in hand and prints the command that goes on', async () => {
  const path = questions(6)
  const started = house.policy.asked()
  const one = command(path, '-c', '2', '--api-key', 'secret')
  await started
  one.child.kill('SIGINT')
  expect(await one.exit).toBe(130)
  expect(one.stderr).toContain(`stopped; to go on:\n  tpo batch ${path}`)
  expect(one.stderr).toContain('--api-key …')
  expect(one.stderr).not.toContain('secret')
  const before = jsonLines('out.jsonl')
  expect(before.map(({ status }) => status)).toContain('unfinished')
  const { code } = await ended(path)
  expect(code).toBe(0)
  expect(jsonLines('out.jsonl').map(({ status }) => status)).toEqual(Array(6).fill('done'))
})

test('a changed setting is named, and no old result is used for it', async () => {
  const path = questions(1)
  await ended(path)
  const { code, stderr } = await ended(path, '--seed', '8', '--temperature', '0.1')
  expect(code).toBe(1)
  expect(stderr).toContain('made with other settings')
  expect(stderr).toContain('  settings.seed: 7 → 8')
  expect(stderr).toContain('  settings.policy.temperature: 0.7 → 0.1')
})

test.each([
  ['list.json', '["a",\n {"query": "b" "c": 1}]', 'line 2, column 16: this is not valid JSON'],
  ['empty.jsonl', '', 'there are no questions'],
  ['twice.csv', 'id,query\n1,a\n1,b\n', 'line 3: the id 1 was used in line 2 already'],
  ['latin.csv', 'query\nCaf\u00e9\n', 'is not UTF-8'],
])('%s is refused before anything is asked', async (name, text, says) => {
  const path = file(name, '')
  writeFileSync(path, Buffer.from(text, name === 'latin.csv' ? 'latin1' : 'utf8'))
  const { code, stderr } = await ended(path)
  expect(code).toBe(1)
  expect(stderr).toContain(says)
  expect(readdirSync(folder)).toEqual([name])
})

test('the flags of run.py are taken as they are', async () => {
  const path = questions(1)
  const flags = [
    `--data_path ${path} --tpo_mode revision --sample_size=3 --max_iterations 1 --seed 3`,
    '--temperature 0.5 --max_tokens_response 99 --num_threads 2 --max_tokens_all 77',
    `--server_model fake-70b --output_path ${folder} --batch_size 4`,
  ]
  const args = flags.join(' ').split(' ')
  const one = new Command(process.execPath, ['clients/cli/tpo.ts', 'batch', ...args], {
    TPO_API_URL: house.url,
  })
  expect(await one.exit).toBe(0)
  const name = 'questions_model_fake-70b_mode_revision_rm_fake-reward_max_iters1_sample_size3_seed3'
  const files = [`${name}.jsonl`, `${name}.json`, `logs/${name}.jsonl`]
  expect(one.stdout).toBe(files.map((path) => `${join(folder, path)}\n`).join(''))
  const [{ settings }] = jsonLines(`${name}.jsonl`)
  expect(settings).toMatchObject({
    mode: 'revision',
    samples: 3,
    iterations: 1,
    seed: 3,
    policy: { model: 'fake-70b', temperature: 0.5, max_tokens: 99 },
    critic: { max_tokens: 77 },
  })
})
