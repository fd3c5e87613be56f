/** A model in its thread: stopping, ending, and the line before it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Policy, loadPolicy } from '../../inference/generation/policy.ts'
import { InferenceError } from '../../inference/errors.ts'
import type { GenerationRequest } from '../../inference/generation/generate.ts'
import { createQueue, QueueFullError } from '../../inference/runtime/queue.ts'
import { fixture } from './fixtures.ts'

const load = () => loadPolicy(fixture('tiny-policy-fp16-tied'), { threads: 1 })

let model: Policy
beforeAll(async () => {
  model = await load()
})
afterAll(() => model.close())

const never = new AbortController().signal
const forever: GenerationRequest = {
  ids: Int32Array.of(5, 6, 7),
  answers: 2,
  sampling: { temperature: 1, topP: 1, seed: 1 },
  maxTokens: 4_000_000,
  stop: [],
  eosTokens: [],
}

async function textOf(request: GenerationRequest): Promise<string> {
  let text = ''
  for await (const deltas of model.generate(request)) text += deltas.map((d) => d.text).join('|')
  return text
}

// Each of these would run for hours if the model did not stop.
test('an abort stops the model', async () => {
  const leaving = new AbortController()
  let steps = 0
  const run = async () => {
    for await (const _ of model.generate(forever, leaving.signal)) {
      steps++
      if (steps === 5) leaving.abort(new Error('enough'))
    }
  }
  await expect(run()).rejects.toThrow('enough')
  expect(steps).toBe(5)
})

test('an abort stops a long prompt', async () => {
  const leaving = new AbortController()
  const ids = Int32Array.from({ length: 3_000_000 }, () => 9)
  const run = async () => {
    for await (const _ of model.generate({ ...forever, ids }, leaving.signal)) return
  }
  const running = run()
  leaving.abort(new Error('enough'))
  await expect(running).rejects.toThrow('enough')
})

test('leaving the iteration stops the model', async () => {
  for await (const deltas of model.generate(forever)) {
    expect(deltas).toHaveLength(2)
    break
  }
})

test('answers drawn at the same time do not disturb each other', async () => {
  const requests = Array.from({ length: 4 }, (_, seed) => ({
    ...forever,
    ids: Int32Array.of(5, 6, 7, 8 + seed),
    sampling: { ...forever.sampling, seed },
    maxTokens: 40,
  }))
  const alone: string[] = []
  for (const request of requests) alone.push(await textOf(request))
  expect(await Promise.all(requests.map(textOf))).toEqual(alone)
})

test('answers that end earlier leave the others as they were', async () => {
  const draw = async (stop: string[]) => {
    const texts = Array.from({ length: 6 }, () => '')
    const request = { ...forever, answers: texts.length, maxTokens: 60, stop }
    for await (const deltas of model.generate(request)) {
      for (const { index, text } of deltas) texts[index] += text
    }
    return texts
  }
  const whole = await draw([])
  const cut = whole.map((text) => text.split('e', 1)[0])
  expect(new Set(cut.map((text) => text?.length)).size).toBeGreaterThan(3)
  expect(await draw(['e'])).toEqual(cut)
})

test('closing in the middle fails what runs and what comes, with what to do', async () => {
  const closing = await load()
  const run = async () => {
    for await (const _ of closing.generate(forever)) void closing.close()
  }
  await expect(run()).rejects.toThrow(/the process of .*tiny-policy-fp16-tied has ended/)
  expect(closing.state()).toBe('ended')
  const after = closing.logits(Int32Array.of(5), 0)
  await expect(after).rejects.toThrow(InferenceError)
  await expect(after).rejects.toMatchObject({ fault: 'ended' })
})

test('the line serves in order, one at a time, and only so many', async () => {
  const queue = createQueue(2)
  const served: number[] = []
  const first = await queue.join(never)
  const second = queue.join(never).then((leave) => (served.push(2), leave))
  const third = queue.join(never).then((leave) => (served.push(3), leave))
  expect(() => queue.join(never)).toThrow(QueueFullError)
  expect(served).toEqual([])
  first()
  const leaveSecond = await second
  expect(served).toEqual([2])
  leaveSecond()
  leaveSecond()
  const leaveThird = await third
  const fourth = queue.join(never).then((leave) => (served.push(4), leave))
  await Promise.resolve()
  expect(served).toEqual([2, 3])
  leaveThird()
  const leaveFourth = await fourth
  leaveFourth()
  const free = await queue.join(never)
  free()
})

test('who leaves the line gives up the place', async () => {
  const queue = createQueue(1)
  const leave = await queue.join(never)
  const leaving = new AbortController()
  const waiting = queue.join(leaving.signal)
  leaving.abort(new Error('gone'))
  await expect(waiting).rejects.toThrow('gone')
  const next = queue.join(never)
  leave()
  const leaveNext = await next
  leaveNext()
  await expect(queue.join(leaving.signal)).rejects.toThrow('gone')
})
