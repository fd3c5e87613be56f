/** `tpo doctor` as a person runs it; API real, models fake. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { BackendsAnswer } from '../../shared/backends.ts'
import { type House, openHouse } from '../api/house.ts'
import type { Behaviour } from '../fakes/fake-vllm.ts'
import { Command } from '../system/house.ts'

const model = 'meta-llama/Llama-3.3-70B-Instruct-quantized.w8a8-提前写明时间和地点-and-so-on'
let house: House
beforeAll(async () => {
  house = await openHouse({ model, settings: { policy_api_key: 'policy-secret' } })
})
afterAll(() => house.close())
afterEach(() => {
  house.policy.behave({})
  house.reward.behave({})
})

async function doctor(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const command = new Command(process.execPath, ['clients/cli/tpo.ts', 'doctor', ...args], {
    TPO_API_URL: house.url,
    FORCE_COLOR: undefined,
    NO_COLOR: undefined,
    ...env,
  })
  const code = await command.exit
  return { code, stdout: command.stdout, stderr: command.stderr }
}

async function probed(...args: string[]) {
  const { code, stdout } = await doctor(['--json', ...args])
  const answer = JSON.parse(stdout)
  return { code, answer, probe: answer.probe, backends: BackendsAnswer.parse(answer) }
}

/** The cells of a table's row. */
const row = (stdout: string, label: string) =>
  stdout
    .split('\n')
    .find((line) => line.startsWith(`${label}  `))
    ?.slice(label.length)
    .trim()
    .split(/ {2,}/)

/** A report as one line, as its words were before they were wrapped. */
const unwrapped = (stdout: string) => stdout.replaceAll(/\s+/g, ' ')

/** Columns of a terminal that a line takes. */
const width = (line: string) => [...line].reduce((sum, char) => sum + (char > '\u2E7F' ? 2 : 1), 0)

test('all is well: what the servers tell and what a trial tells, exit code 0', async () => {
  const { code, stdout, stderr } = await doctor([])
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'trying them with a few short answers…\n' })
  expect(row(stdout, 'server')).toEqual([
    expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    expect.stringMatching(/^127\.0\.0\.1:\d+$/),
  ])
  expect(row(stdout, 'speaks')).toEqual(['openai', 'tpo'])
  expect(row(stdout, 'reached')).toEqual([
    expect.stringMatching(/^yes, [\d,]+ ms$/),
    expect.stringMatching(/^yes, [\d,]+ ms$/),
  ])
  expect(row(stdout, 'key')).toEqual(['yes', 'yes'])
  expect(row(stdout, 'context')).toEqual(['8,192 tokens', '4,096 tokens'])
  expect(row(stdout, 'computes in')).toEqual(['?', 'float32 on fake'])
  expect(row(stdout, 'trial')).toEqual([
    expect.stringMatching(/^answers, [\d,]+ tokens\/s$/),
    'scores',
  ])
  expect(row(stdout, 'seeds')).toEqual(['honoured'])
  expect(row(stdout, 'n')).toEqual(['honoured'])
  expect(stdout).toMatch(/\n\nEverything is well\.\nThe trial took \d+ tokens\.\n$/)

  const { requests } = house.policy
  expect(requests).toHaveLength(3)
  for (const { n, max_tokens } of requests) expect([n, max_tokens]).toEqual([2, 32])
  const [first, same, other] = requests.map(({ seed }) => seed)
  expect(same).toBe(first)
  expect(other).not.toBe(first)
  expect(house.reward.requests).toHaveLength(1)
})

test('no line is wider than 80 columns, and a long name is whole', async () => {
  const { stdout } = await doctor(['--no-probe'])
  for (const label of ['trial', 'seeds', 'n']) expect(row(stdout, label)).toBeUndefined()
  const lines = stdout.split('\n')
  expect(Math.max(...lines.map(width))).toBeLessThanOrEqual(80)
  const at = lines.findIndex((line) => line.startsWith('model  '))
  const end = lines.findIndex((line) => line.startsWith('context  '))
  const name = lines.slice(at, end).map((line) => line.slice('computes in'.length).trim())
  expect(name.map((line) => line.split(/ {2,}/)[0]).join('')).toBe(model)
})

test('--no-probe asks the models for nothing', async () => {
  expect(await probed('--no-probe')).toMatchObject({ code: 0, answer: { ok: true, probe: null } })
  expect([...house.policy.requests, ...house.reward.requests]).toEqual([])
})

test('--json is what the API says of its backends, and what was tried', async () => {
  const { code, answer, backends } = await probed()
  expect(code).toBe(0)
  expect(backends).toMatchObject({ ok: true, backends: [{ model }, { model: 'fake-reward' }] })
  expect(answer.probe).toEqual({
    answers: true,
    tokens_per_second: expect.any(Number),
    seeds: true,
    n: true,
    scores: true,
    tokens: expect.any(Number),
    findings: [],
  })
})

/** As of a server without seeds: never the same text again. */
let texts = 0
const another = () => `Text ${texts++}.`

test.each<[string, Behaviour, { seeds: string; n: string }, RegExp]>([
  [
    'ignores seeds',
    { write: another },
    { seeds: 'not honoured', n: 'honoured' },
    /VLLM_BATCH_INVARIANT=1/,
  ],
  [
    'refuses seeds',
    { refusesSeed: true },
    { seeds: 'not honoured', n: 'honoured' },
    /refused, so runs go without/,
  ],
  [
    'ignores n',
    { ignoresN: true },
    { seeds: 'honoured', n: 'not honoured' },
    /a request of its own/,
  ],
  [
    'refuses n',
    { refusesN: true },
    { seeds: 'honoured', n: 'not honoured' },
    /a request of its own/,
  ],
  [
    'writes the same whatever the seed',
    { write: (_, index) => `Text ${index}.` },
    { seeds: '?', n: 'honoured' },
    /whatever the seed, so it cannot be told/,
  ],
  [
    'gives all answers of a request the same seed',
    { write: ({ seed }) => `Text ${seed}.` },
    { seeds: 'honoured', n: 'honoured' },
    /nothing to compare then/,
  ],
  [
    'thinks longer than a trial lasts',
    { write: ({ seed }, index) => ({ content: '', reasoning: `Hm, ${seed} and ${index}` }) },
    { seeds: 'honoured', n: '?' },
    /no answer within 32 tokens.* leaves room for that/,
  ],
  [
    'thinks in secret',
    { write: () => ({ content: '', finish_reason: 'length' }) },
    { seeds: '?', n: '?' },
    /no answer within 32 tokens/,
  ],
])('runs work with a policy that %s: exit code 0 and what to do', async (_, how, told, remedy) => {
  house.policy.behave(how)
  const { code, stdout } = await doctor([])
  expect(code).toBe(0)
  expect({ seeds: row(stdout, 'seeds'), n: row(stdout, 'n') }).toEqual({
    seeds: [told.seeds],
    n: [told.n],
  })
  expect(stdout.match(/^ {2}policy: /gm)).toHaveLength(1)
  const [, remedies = ''] = stdout.split('\n\nRuns work. Worth knowing:\n')
  expect(unwrapped(remedies)).toMatch(remedy)
})

test('an answer that broke off is told, and nothing is concluded from the others', async () => {
  // The first answer is finished by then, and the second begun.
  const write = (_: unknown, index: number) => ['Hi.', 'Dear friends of the sea'][index] ?? ''
  house.policy.behave({ write, midStream: 'end', after: 6 })
  const { code, probe } = await probed()
  expect(code).toBe(0)
  expect(probe).toMatchObject({ answers: true, seeds: null, n: null, scores: true })
  expect(probe.findings).toEqual([
    { role: 'policy', ok: true, detail: expect.stringContaining('Fewer answers came') },
  ])
})

test('a backend that is not well is not tried: what to do, exit code 1, no secret', async () => {
  house.policy.behave({ models: { status: 401, body: 'policy-secret is wrong' } })
  const { code, stdout, stderr } = await doctor([])
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' })
  expect(row(stdout, 'key')).toEqual(['no', 'yes'])
  expect(row(stdout, 'trial')).toEqual(['not tried', 'not tried'])
  expect(row(stdout, 'seeds')).toEqual(['not tried'])
  expect(unwrapped(stdout)).toMatch(
    /Not everything is well: policy: .*Check TPO_POLICY_API_KEY\. $/,
  )
  expect(stdout).not.toContain('policy-secret')

  const { code: same, backends } = await probed()
  expect(same).toBe(1)
  expect(backends).toMatchObject({
    ok: false,
    backends: [{ ok: false, authorised: false }, { ok: true }],
  })
  expect([...house.policy.requests, ...house.reward.requests]).toEqual([])
})

test('a key that only the list of models takes is found out', async () => {
  house.policy.behave({ status: 401 })
  const { code, stdout } = await doctor([])
  expect(code).toBe(1)
  expect(row(stdout, 'key')).toEqual(['no', 'yes'])
  expect(row(stdout, 'trial')).toEqual(['fails', 'not tried'])
  expect(row(stdout, 'n')).toEqual(['?'])
  expect(unwrapped(stdout)).toContain('Check TPO_POLICY_API_KEY.')
})

test('a reward model that does not score is found out', async () => {
  house.reward.behave({ fails: { code: 'reward_error', status: 500, detail: 'Out of memory.' } })
  const { code, answer, probe } = await probed()
  expect(code).toBe(1)
  expect(answer.ok).toBe(false)
  expect(probe).toMatchObject({ answers: true, seeds: true, n: true, scores: false })
  expect(probe.findings).toEqual([
    {
      role: 'reward',
      ok: false,
      detail: expect.stringContaining('Out of memory.'),
      upstream_status: 500,
    },
  ])
})

test('a reward model that is not well keeps no policy from being tried', async () => {
  house.reward.behave({ starts: true })
  const { code, stdout } = await doctor([])
  expect(code).toBe(1)
  expect(row(stdout, 'trial')).toEqual([expect.stringContaining('answers'), 'not tried'])
  expect(row(stdout, 'seeds')).toEqual(['honoured'])
  expect(stdout).toMatch(/^ {2}reward model: /m)
})

test('settings of the services are checked without a running API', async () => {
  const where = ['--policy-base-url', house.policy.url, '--reward-base-url', house.reward.url]
  const { code, stdout, stderr } = await doctor(where, { TPO_API_URL: undefined })
  expect(code).toBe(0)
  expect(stderr).toMatch(/^starting .*\ntrying them .*\n$/)
  expect(row(stdout, 'trial')).toEqual([expect.stringContaining('answers'), 'scores'])
})

test('without an address and settings the usual API is asked, and none is started', async () => {
  // Empty counts as left out.
  const { stdout, stderr } = await doctor(['--no-probe'], { TPO_API_URL: '' })
  // Somebody may have one running here.
  expect(stdout || stderr).toMatch(/^ +policy|http:\/\/127\.0\.0\.1:7860/)
  expect(stderr).not.toContain('starting')
})

test('no API there is one line that says both ways, exit code 1', async () => {
  const { code, stdout, stderr } = await doctor(['--api', 'http://127.0.0.1:1'])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/^error: no connection .*`npm start`.*--api.*--policy-base-url.*\n$/)
})

test.each([[['--api', 'localhost']], [['--policy-base-url', 'http://127.0.0.1:1']]])(
  '%j is wrong usage where TPO_API_URL is set',
  async (args) => {
    const { code, stdout } = await doctor(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  },
)
