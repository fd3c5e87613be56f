/** `tpo batch` where people had run.py: its computation, its logs, its config.yaml; models fake. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { type House, openHouse } from '../api/house.ts'
import { reward, write } from '../fixtures/reference/fake-model.ts'
import { firstLine, promptsOf } from '../fixtures/reference/prompts.ts'
import { Command, root } from '../system/house.ts'

let house: House
let folder: string
beforeAll(async () => {
  house = await openHouse({ maxModelLen: 65_536 })
})
afterAll(() => house.close())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tpo-reference-'))
  house.policy.behave({})
  house.reward.behave({})
})

const file = (name: string, content: unknown) => {
  const path = join(folder, name)
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}
const read = (name: string) => readFileSync(join(folder, name), 'utf8')
const readLines = (name: string) =>
  read(name)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

/** A command in the folder; `env` for an API of its own. */
async function tpo(args: string, env: NodeJS.ProcessEnv = { TPO_API_URL: house.url }) {
  const command = [join(root, 'clients/cli/tpo.ts'), ...args.split(' ')]
  const one = new Command(process.execPath, command, env, folder)
  const code = await one.exit
  return { code, stdout: one.stdout, stderr: one.stderr }
}

const Whole = z.object({
  settings: z.object({ mode: z.literal(['tpo', 'revision', 'bon']), question: z.int() }),
  calls: z.array(z.object({ messages: z.array(z.object({ content: z.string() })) })),
  scores: z.record(z.string(), z.number()),
})
const expected = z
  .object({ questions: z.array(z.string()), whole: z.array(Whole) })
  .parse(JSON.parse(readFileSync(join(root, 'tests/fixtures/reference/expected.json'), 'utf8')))

test.each(expected.whole)(
  '--strict-reference writes the results and the logs of the reference: $settings.mode',
  async ({ settings: { mode, question }, calls, scores }) => {
    house.policy.behave({ write })
    house.reward.behave({ reward })
    file('data.json', [{ id: 'one', query: expected.questions[question], system: firstLine }])
    file('prompts.json', promptsOf(mode))
    const flags = `--tpo_mode ${mode} --sample_size 3 --max_iterations 1 --seed ${2 ** 31 - 1}`
    const { code, stderr } = await tpo(
      `batch --data_path data.json ${flags} --output_path out --prompts prompts.json --strict-reference`,
    )
    expect({ code, stderr }).toMatchObject({ code: 0 })
    const name = `data_model_fake-70b_mode_${mode}_rm_fake-reward_max_iters1_sample_size3_seed2147483647`
    expect(JSON.parse(read(`out/${name}.json`))).toEqual([scores])

    const place = { id: 'one', index: 0 }
    const said = calls.map(({ messages }) => messages.map(({ content }) => content))
    const [, [system, chosen] = [], [, asked] = [], [, update] = []] = said
    const [{ steps }] = readLines(`out/${name}.jsonl`)
    const textOf = (step: string) => steps.find((one: { name: string }) => one.name === step)?.text
    const log = [
      {
        ...place,
        msg: 'LLMCall function forward',
        text: `System:${system}\nQuery: ${chosen}\nResponse: ${textOf('loss')}`,
      },
      { ...place, msg: '_backward_through_llm prompt', _backward_through_llm: asked },
      {
        ...place,
        msg: '_backward_through_llm gradient',
        _backward_through_llm: textOf('gradient'),
      },
      { ...place, msg: 'TextualGradientDescent prompt for update', prompt: update },
    ]
    const written = read(`out/logs/${name}.jsonl`)
    expect(written === '' ? [] : readLines(`out/logs/${name}.jsonl`)).toEqual(
      mode === 'bon' ? [] : log,
    )
  },
)

test('tpo run takes --strict-reference', async () => {
  const { code } = await tpo('run --strict-reference -n 2 -d 1 --json Why?')
  expect(code).toBe(0)
  expect(house.policy.requests.map(({ seed }) => seed)).toEqual([7, undefined, undefined, 7])
})

const config = `
vllm:
  model_path: /models/llama
tpo:
  data_path: data.json
  ip: 127.0.0.1
  port: 1
  server_model: fake-70b
  reward_model: /models/rm
  tpo_mode: revision
  max_tokens_response: 99
  max_tokens_all: 77
  sample_size: 3
  seed: 5
  max_iterations: 1
  num_threads: 2
`
const settingsOf = (name: string) => readLines(name)[0].settings

test('the config.yaml of the working folder says what run is asked; flags beat it', async () => {
  file('data.json', ['Why?'])
  file('config.yaml', config)
  const { code, stdout, stderr } = await tpo('batch --seed 8')
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'results/data.jsonl\n' })
  expect(stderr).toContain(
    'config.yaml says --data-path data.json --model fake-70b --mode revision --samples 3 --iterations 1 --seed 5 --max-tokens 99 --critic-max-tokens 77 --concurrency 2\n',
  )
  expect(settingsOf('results/data.jsonl')).toMatchObject({
    mode: 'revision',
    samples: 3,
    iterations: 1,
    seed: 8,
    policy: { model: 'fake-70b', max_tokens: 99 },
    critic: { max_tokens: 77 },
    strict_reference: false,
  })

  // The flags of run.py beat it too, and its defaults do not.
  const other = 'batch --data_path other.json --tpo_mode bon'
  file('other.json', ['How?'])
  expect(await tpo(other)).toMatchObject({ code: 0 })
  const name = 'other_model_fake-70b_mode_bon_rm_fake-reward_max_iters1_sample_size3_seed5'
  expect(readdirSync(join(folder, 'results'))).toContain(`${name}.json`)
})

test('--config names another one, which the API of its own reads too', async () => {
  file('data.json', ['Why?'])
  const { port } = new URL(house.policy.url)
  const named = config.replace('port: 1\n', `port: ${port}\n`)
  file('named.yaml', `${named}\nreward_base_url: ${house.reward.url}\n`)
  file('config.yaml', 'tpo: {sample_size: 1}')
  const env = { TPO_API_URL: undefined, TPO_DATA_DIR: join(folder, 'keys') }
  const { code, stderr } = await tpo('batch --config named.yaml', env)
  expect({ code, stderr }).toMatchObject({ code: 0 })
  expect(settingsOf('results/data.jsonl')).toMatchObject({ samples: 3, mode: 'revision' })
  expect(house.policy.requests).toHaveLength(4)
})

test.each([
  ['a wrong value', 'tpo: {sample_size: many}', /^error: config\.yaml: tpo\.sample_size: .*number/],
  ['no YAML', 'tpo: [1', /^error: config\.yaml: /],
  ['no file of questions', 'tpo: {seed: 3}', /error: there is no file of questions/],
  ['what nothing reads', 'tpo: {seeds: 3}', /^note: nothing reads seeds of tpo in config\.yaml/],
])('a config.yaml with %s is told', async (_, content, says) => {
  file('config.yaml', content)
  const { code, stderr } = await tpo('batch')
  expect(code).not.toBe(0)
  expect(stderr).toMatch(says)
  expect(readdirSync(folder)).toEqual(['config.yaml'])
})
