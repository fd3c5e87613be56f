import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drive, TpoClient } from '../../shared/client.ts'
import { RewardsAnswer } from '../../shared/rewards.ts'
import type { StepAnswer } from '../../shared/client.ts'
import { type House, root, startHouse } from './house.ts'

const query = "Write a short email that reminds attendees of Friday's workshop"
const request = { query, samples: 5, iterations: 2 }

let house: House
let client: TpoClient
/** One run, step by step. */
let first: StepAnswer[]
beforeAll(async () => {
  house = await startHouse()
  client = new TpoClient({ baseUrl: house.url })
  first = await drawn()
})
afterAll(async () => {
  house.command.child.kill('SIGTERM')
  await house.command.exit
})

async function drawn(): Promise<StepAnswer[]> {
  const answers: StepAnswer[] = []
  const start = await client.start(request)
  for await (const answer of drive(start, (cursor) => client.step(cursor))) answers.push(answer)
  return answers
}

const reward = async (url: string, candidates: string[]) => {
  const response = await fetch(`${url}/v1/rewards`, {
    method: 'POST',
    body: JSON.stringify({ messages: [{ role: 'user', content: query }], candidates }),
  })
  return RewardsAnswer.parse(await response.json()).rewards.map((entry) => entry.reward)
}

test('a D2-N5 run goes through every step, and its rewards are the reward model’s own', async () => {
  const answers = first
  const round = ['loss', 'gradient', 'update', 'score']
  expect(answers.map((answer) => answer.step.name)).toEqual(['sample', 'score', ...round, ...round])

  const last = answers.at(-1)
  expect(last?.next).toBeNull()
  expect(last?.run).toMatchObject({ iteration: 2, stop_reason: 'iterations' })
  expect(last?.run.history.map((entry) => entry.count)).toEqual([5, 5, 5])
  expect(last?.run.usage).toMatchObject({ model_calls: 7, reward_calls: 3 })

  const scored = answers.filter((answer) => answer.step.name === 'score')
  const candidates = scored.flatMap((answer) => answer.step.candidates ?? [])
  const again = await reward(
    house.rewardUrl,
    candidates.map((candidate) => candidate.text),
  )
  expect(candidates.map((candidate) => candidate.reward)).toEqual(again)
  expect(last?.run.best?.reward).toBe(Math.max(...again))
  expect(last?.run.worst?.reward).toBe(Math.min(...again))

  const texts = answers.filter((answer) => ['loss', 'gradient'].includes(answer.step.name))
  for (const { step } of texts) expect(step.text?.length).toBeGreaterThan(20)
  expect(new Set(texts.map(({ step }) => step.text)).size).toBe(4)
})

test('the same settings give the same run, step by step or whole', async () => {
  const [second, whole] = [await drawn(), await client.run(request)]
  const texts = (steps: StepAnswer['step'][]) =>
    steps.map(({ candidates, text }) => [candidates, text])
  expect(texts(second.map(({ step }) => step))).toEqual(texts(first.map(({ step }) => step)))
  expect(texts(whole.steps)).toEqual(texts(first.map(({ step }) => step)))
})

test('the same cursor gives the same step twice', async () => {
  const { cursor } = await client.start(request)
  const [once, twice] = [await client.step(cursor), await client.step(cursor)]
  expect(twice.step).toEqual(once.step)
  expect(twice.run.usage.completion_tokens).toBe(once.run.usage.completion_tokens)
})

test('a changed weight file changes the rewards', async () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'tpo-reward-')), 'changed')
  cpSync(join(root, 'models/nano-reward'), folder, { recursive: true })
  const file = readdirSync(folder).find((name) => name.endsWith('.safetensors')) ?? ''
  const weights = readFileSync(join(folder, file))
  const headerLength = Number(weights.readBigUInt64LE(0))
  // Sign bits of every second half-precision weight in the middle of the file.
  const middle = 8 + headerLength + Math.floor((weights.length - headerLength) / 4) * 2
  for (let at = middle + 1; at < middle + 20_000; at += 4) weights[at] = (weights[at] ?? 0) ^ 0x80
  writeFileSync(join(folder, file), weights)
  // They say what the unchanged weights give, and the service would not start.
  rmSync(join(folder, 'golden.json'))

  const changed = await startHouse({ TPO_REWARD_MODEL: folder })
  const candidates = ['Hi all, please join us on Friday. Best regards', 'no']
  const [before, after] = [
    await reward(house.rewardUrl, candidates),
    await reward(changed.rewardUrl, candidates),
  ]
  changed.command.child.kill('SIGTERM')
  await changed.command.exit
  expect(after).not.toEqual(before)
})

test('what a person asks improves', () => {
  const [sampled, , last] = first.at(-1)?.run.history ?? []
  expect(last?.best).toBeGreaterThan(sampled?.best ?? Infinity)
  expect(last?.mean).toBeGreaterThan(sampled?.mean ?? Infinity)
})
