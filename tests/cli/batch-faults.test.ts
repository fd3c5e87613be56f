/** `tpo batch` where something is in its way: the disk, its own files, the API's keys and limits. */
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createApp } from '../../api/app.ts'
import { dependencies } from '../../api/dependencies.ts'
import { createMemoryStore } from '../../api/replay/memory.ts'
import { readInput } from '../../clients/cli/batch/input.ts'
import { resolveSettings } from '../../shared/settings.ts'
import { cursorKey, type House, openHouse } from '../api/house.ts'
import { faultLog } from '../fakes/fault-log.ts'
import type { ChatRequest } from '../fakes/fake-vllm.ts'
import { listen } from '../fakes/listen.ts'
import { Command } from '../system/house.ts'
import { type BatchFolder, batchEnded, batchFolder } from './batch-command.ts'

let house: House
let folder: BatchFolder
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())
beforeEach(() => {
  folder = batchFolder()
})
afterEach(() => {
  house.policy.behave({})
  house.reward.behave({})
})

const ended = (path: string, ...more: string[]) =>
  batchEnded(house.url, [path, ...folder.args(...more)])

/** Another API before the same models. */
async function anotherApi(keyFill: number, settings: Record<string, unknown> = {}) {
  const resolved = resolveSettings({
    flags: { policy_base_url: house.policy.url, reward_base_url: house.reward.url, ...settings },
  })
  const store = createMemoryStore({ bytes: 2 ** 24, clock: Date.now })
  const parts = { cursorKeys: [cursorKey(keyFill)], store, shared: true, log: faultLog([]) }
  return listen(createApp(dependencies(resolved, parts)))
}

const isAbout = (request: ChatRequest, text: string) =>
  request.messages.some(({ content }) => content.includes(text))
const isUpdate = (request: ChatRequest) =>
  request.messages.at(-1)?.content.includes('<answer>') === true

const statuses = () => folder.jsonLines('out.jsonl').map(({ status }) => status)
const unfinished = () => folder.names().filter((name) => /\.new$|\.trial/.test(name))
const checkpoints = () =>
  readdirSync(join(folder.path, 'out.parts')).filter((name) => name !== 'made-with.json')

test('what an API with other keys does not go on from begins anew, and is said', async () => {
  const path = folder.questions(2)
  house.policy.behave({
    status: (request) => (isAbout(request, 'Question 1') && isUpdate(request) ? 400 : undefined),
  })
  expect((await ended(path)).code).toBe(3)
  house.policy.behave({})
  const other = await anotherApi(2)
  const { code, stderr } = await batchEnded(other.url, [path, ...folder.args()])
  await other.close()
  expect(stderr).toContain(
    '2: the API does not go on from what was kept (cursor_foreign); begun anew\n',
  )
  expect(code).toBe(0)
  expect(statuses()).toEqual(['done', 'done'])
  // All four calls of the one, none of the other.
  expect(house.policy.requests.map((request) => isAbout(request, 'Question 1'))).toEqual(
    Array(4).fill(true),
  )
})

test('where results cannot be written shows before an API is started', async () => {
  const path = folder.questions(1)
  const one = new Command(
    process.execPath,
    ['clients/cli/tpo.ts', 'batch', path, '-o', join(path, 'out')],
    {},
  )
  expect(await one.exit).toBe(1)
  expect(one.stderr).toMatch(
    /^error: results cannot be written into .*: E\w+: .*; give another --output\n$/,
  )

  mkdirSync(join(folder.path, 'out.csv'))
  const taken = await ended(path, '--format', 'csv')
  expect(taken.code).toBe(1)
  expect(taken.stderr).toBe(
    `error: results cannot be written: ${join(folder.path, 'out.csv')} is a folder; give another --output\n`,
  )
  expect(house.policy.requests).toEqual([])
  expect(unfinished()).toEqual([])
})

test.skipIf(process.platform === 'win32')(
  'a disk that fills up stops all, leaves nothing half-written, and the same command goes on',
  async () => {
    const path = folder.questions(6)
    house.policy.behave({ write: (_, index) => `<answer>${index}${'long '.repeat(800)}</answer>` })
    const args = [process.execPath, 'clients/cli/tpo.ts', 'batch', path, ...folder.args('-c', '2')]
    const full = new Command('sh', ['-c', 'ulimit -f 16; exec "$@"', 'sh', ...args], {
      TPO_API_URL: house.url,
    })
    expect(await full.exit).toBe(1)
    expect(full.stderr).toMatch(
      /error: what is done cannot be kept: EFBIG: .*; once that is mended, the same command goes on\n$/,
    )
    expect(unfinished()).toEqual([])
    expect(folder.names()).not.toContain('out.jsonl')
    // Two were in hand, of four calls each; nobody took the next.
    expect(house.policy.requests.length).toBeLessThanOrEqual(2 * 4)
    expect((await ended(path)).code).toBe(0)
    expect(statuses()).toEqual(Array(6).fill('done'))
  },
)

test.skipIf(process.platform !== 'linux')(
  'a disk without room for the results leaves none of them',
  async () => {
    const path = folder.questions(1)
    symlinkSync('/dev/full', join(folder.path, 'out.jsonl.new'))
    const full = await ended(path)
    expect(full.code).toBe(1)
    expect(full.stderr).toContain('out.jsonl cannot be kept: ENOSPC: no space left on device')
    expect(folder.names()).not.toContain('out.jsonl')
    expect(unfinished()).toEqual([])
    expect(await ended(path)).toMatchObject({ code: 0 })
  },
)

test('a damaged file among those kept is named before anything is asked', async () => {
  const path = folder.questions(2)
  await ended(path)
  house.policy.behave({})
  for (const name of [checkpoints()[0] ?? '', 'made-with.json']) {
    const file = join(folder.path, 'out.parts', name)
    const whole = readFileSync(file, 'utf8')
    truncateSync(file, 100)
    const { code, stderr } = await ended(path, '-c', '1')
    expect(code).toBe(1)
    expect(stderr).toMatch(`error: ${file} is damaged, and not by this program; `)
    truncateSync(file, 0)
    appendFileSync(file, whole)
  }
  expect(house.policy.requests).toEqual([])
  // What a process that is no more was about to write.
  folder.file(join('out.parts', `${checkpoints()[0]}.4194305.new`), '{"for')
  expect((await ended(path)).code).toBe(0)
  expect(unfinished()).toEqual([])
})

test('a file that grows while it is read is not used', async () => {
  const path = folder.file('questions.jsonl', '"Why is the sea salt?"\n'.repeat(200_000))
  const reading = readInput(path)
  // The file is read in pieces, between which this goes on.
  let read = false
  const grow = () => {
    if (read) return
    appendFileSync(path, '"One more"\n')
    setImmediate(grow)
  }
  grow()
  await expect(reading.finally(() => (read = true))).rejects.toThrow(
    `${path} is still being written; start again when it is whole`,
  )
})

test('more questions at a time than the API lets one caller ask wait for their turn', async () => {
  const path = folder.questions(3)
  const narrow = await anotherApi(1, { key_concurrency: 1 })
  const { code } = await batchEnded(narrow.url, [path, ...folder.args('-c', '3')])
  await narrow.close()
  expect(code).toBe(0)
  expect(statuses()).toEqual(Array(3).fill('done'))
})

test('rewards below --min-reward are told and exit with 4, unless questions failed', async () => {
  const path = folder.questions(2)
  expect(await ended(path, '--min-reward', '-100')).toMatchObject({ code: 0 })
  const rewards = folder.jsonLines('out.jsonl').map(({ best }) => best.reward)
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length
  const low = await ended(path, '--min-reward', '99.5')
  expect(low.code).toBe(4)
  expect(low.stderr).toContain(
    `mean best reward ${mean.toFixed(2)} of 2 questions is below --min-reward 99.50\n`,
  )
  expect(low.stdout).toBe(`${join(folder.path, 'out.jsonl')}\n`)

  house.policy.behave({ status: () => 400 })
  const more = folder.file('more.json', '["Question 0", "Question 1", "Question 2"]')
  const failed = await ended(more, '--min-reward', '99.5')
  expect(failed.code).toBe(3)
  expect(failed.stderr).toContain('of 2 questions is below --min-reward')
})
