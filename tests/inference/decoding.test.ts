/** The cached decoder in this thread: every step agrees with running the whole sequence again. */
import { describe, expect, test } from 'vitest'
import { buildPolicy } from '../../inference/graph/build.ts'
import { causalModel } from '../../inference/generation/causal.ts'
import { readModelFolder } from '../../inference/model/folder.ts'
import { createSession } from '../../inference/runtime/ort.ts'
import { cpu } from '../../inference/runtime/target.ts'
import { createRope, rotationsOf } from '../../inference/runtime/rope.ts'
import { expected, fixture, policies } from './fixtures.ts'

async function open(name: string) {
  const built = buildPolicy(await readModelFolder(fixture(name)), cpu)
  const session = await createSession({ ...built, threads: 1 })
  return causalModel(session, createRope(rotationsOf(built.decoder)), built.decoder)
}

const never = () => false
const largest = (logits: Float32Array) => logits.indexOf(Math.max(...logits))

function distance(a: Float32Array, b: Float32Array): number {
  expect(a).toHaveLength(b.length)
  return Math.max(...a.map((value, place) => Math.abs(value - (b[place] ?? NaN))))
}

describe.each(policies)('%s', (name) => {
  test('decodes greedily token for token like transformers', async () => {
    const model = await open(name)
    const { chats } = await expected(name)
    for (const { ids, greedy } of chats) {
      const { logits, decoding } = await model.prefill(Int32Array.from(ids), 2, never)
      let row = logits
      const tokens: number[] = []
      for (const _ of greedy) {
        const token = largest(row)
        tokens.push(token)
        const both = await decoding.step(Int32Array.of(token, token))
        row = both.subarray(0, logits.length)
        expect(distance(row, both.subarray(logits.length))).toBeLessThanOrEqual(1e-5)
      }
      expect(tokens).toEqual(greedy)
    }
  })
})

test('a long prompt in chunks, rows that part, one that leaves: all equal the whole sequence', async () => {
  const model = await open('tiny-policy-fp16-tied')
  const someToken = (place: number) => 5 + ((place * 7919) % 370)
  const prompt = Int32Array.from({ length: 1100 }, (_, place) => someToken(place))
  const { logits, decoding } = await model.prefill(prompt, 3, never)
  const whole = async (ids: readonly number[]) =>
    model.logits(Int32Array.from(ids), Int32Array.of(ids.length - 1))
  expect(distance(logits, await whole([...prompt]))).toBeLessThanOrEqual(1e-4)

  const rows = [[...prompt], [...prompt], [...prompt]]
  for (let step = 0; step < 139; step++) {
    const tokens = rows.map((row, place) => someToken(step * 3 + place + row.length))
    for (const [place, row] of rows.entries()) row.push(tokens[place] ?? 0)
    const all = await decoding.step(Int32Array.from(tokens))
    for (const [place, row] of (step % 23 === 0 ? rows : []).entries()) {
      const own = all.subarray(place * logits.length, (place + 1) * logits.length)
      expect(distance(own, await whole(row))).toBeLessThanOrEqual(1e-4)
    }
    if (step === 70) {
      decoding.drop(0)
      const last = rows.pop()
      if (last !== undefined) rows[0] = last
    }
  }
})
