/**
 * `tpo batch` is killed at random moments, again and again, and the same command started after
 * each. 4 kills, or 150 in `npm run test:long`, which keeps its result in tests/long-results.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { nat, readConfigureGlobal, record, sample } from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type House, openHouse } from '../api/house.ts'
import { keepResult, machine } from '../keep-result.ts'
import { type BatchFolder, batchCommand, batchEnded, batchFolder } from './batch-command.ts'

const long = process.env['MODE'] === 'long'
const kills = long ? 150 : 4
const seed = readConfigureGlobal().seed ?? Math.trunc(Math.random() * 2 ** 31)

const questions = 6
const concurrency = 3
/** Of each question: four of the policy, two of the reward model. */
const callsOfAll = questions * 6

const moment = record({
  /** At which of the calls that the process makes. */
  call: nat(callsOfAll / 2),
  /** How long after it: a step, its answer and its keeping take about so long. */
  delayMs: nat(30),
})

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())

/** Counts the models' calls, and hears of each. */
function counted(onCall: () => void): () => number {
  let calls = 0
  const call = () => {
    calls += 1
    onCall()
    return undefined
  }
  house.policy.behave({ status: call })
  house.reward.behave({ held: call })
  return () => calls
}

const argsOf = (folder: BatchFolder) => [
  folder.questions(questions),
  ...folder.args('-c', String(concurrency)),
]

/** Results, but for when they were reached and how long they took. */
const outcome = (folder: BatchFolder): unknown =>
  JSON.parse(JSON.stringify(folder.jsonLines('out.jsonl')), (key, value: unknown) =>
    key === 'seconds' || key === 'ended_at' ? undefined : value,
  )

/** Starts the command and kills it at that moment; its calls, and whether it had ended before. */
async function killedAt(folder: BatchFolder, { call, delayMs }: { call: number; delayMs: number }) {
  const calls = counted(() => {
    if (calls() === call + 1) setTimeout(() => command.child.kill('SIGKILL'), delayMs)
  })
  const command = batchCommand(house.url, argsOf(folder))
  const code = await command.exit
  expect([0, null], command.stderr).toContain(code)
  return { calls: calls(), ended: code !== null }
}

/** That what a killed process left can be read, each file whole. */
function expectWhole(folder: BatchFolder) {
  const parts = join(folder.path, 'out.parts')
  for (const name of readdirSync(parts).filter((one) => one.endsWith('.json'))) {
    JSON.parse(readFileSync(join(parts, name), 'utf8'))
  }
}

test(
  `a batch that is killed ${kills} times comes to what one does that nothing interrupts`,
  { timeout: kills * 30_000 },
  async () => {
    const moments = sample(moment, { numRuns: kills, seed }).values()
    const hardware = machine()
    const began = performance.now()
    const found = { kills: 0, batches: 0, calls: 0, made_twice: 0 }
    const whole = batchFolder()
    expect((await batchEnded(house.url, argsOf(whole))).code).toBe(0)
    const expected = outcome(whole)

    let folder = batchFolder()
    let calls = 0
    let killed = 0
    const finish = async () => {
      const rest = counted(() => undefined)
      const { code, stderr } = await batchEnded(house.url, argsOf(folder))
      const which = `batch ${found.batches} of seed ${seed}, killed ${killed} times: ${stderr}`
      calls += rest()
      expect(code, which).toBe(0)
      expect(outcome(folder), which).toEqual(expected)
      expect(calls - callsOfAll, which).toBeLessThanOrEqual(killed * concurrency)
      expect(
        folder.names().filter((name) => name.endsWith('.new')),
        which,
      ).toEqual([])
      found.batches += 1
      found.calls += calls
      found.made_twice += calls - callsOfAll
      folder = batchFolder()
      calls = 0
      killed = 0
    }
    for (const moment of moments) {
      const one = await killedAt(folder, moment)
      calls += one.calls
      if (one.ended) {
        await finish()
        continue
      }
      found.kills += 1
      killed += 1
      expectWhole(folder)
    }
    await finish()
    if (!long) return
    const seconds = Math.round((performance.now() - began) / 1000)
    const what = `tpo batch of ${questions} questions, ${concurrency} at a time, killed and started again until it ended: how often, how many batches that were, how many calls of models they made, and how many of those were made twice (at most ${concurrency} for each kill). Every batch came to the results of one that nothing interrupts`
    keepResult(resolve('tests/long-results'), 'batch', hardware, { what, seed, seconds, ...found })
  },
)
