import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSampler } from '../../inference/generation/sampling.ts'

/** How often each token is drawn. */
function frequencies(logits: number[], temperature: number, topP: number, draws = 20_000) {
  const sample = createSampler({ temperature, topP, seed: 5 }, 0)
  const counts = logits.map(() => 0)
  for (let draw = 0; draw < draws; draw++) {
    const token = sample(Float32Array.from(logits))
    counts[token] = (counts[token] ?? 0) + 1
  }
  return counts.map((count) => count / draws)
}

function softmax(logits: number[], temperature: number): number[] {
  const weights = logits.map((logit) => Math.exp(logit / temperature))
  const total = weights.reduce((a, b) => a + b, 0)
  return weights.map((weight) => weight / total)
}

const logits = [2, 1, 0, -1, 0.5]

test.each([0.5, 1, 2])('draws by the softmax at temperature %f', (temperature) => {
  const wanted = softmax(logits, temperature)
  for (const [token, frequency] of frequencies(logits, temperature, 1).entries()) {
    expect(Math.abs(frequency - (wanted[token] ?? 0))).toBeLessThan(0.015)
  }
})

test('top_p keeps the fewest most likely tokens that reach it', () => {
  // Probabilities 0.58, 0.21, 0.13, 0.08 (tokens 0, 1, 4, 2), then 0.03.
  const [first = 0, second = 0, , , fourth = 0] = softmax(logits, 1)
  const justTwo = first + second - 0.001
  expect(frequencies(logits, 1, first - 0.01)).toEqual([1, 0, 0, 0, 0])
  const two = frequencies(logits, 1, justTwo)
  expect(two.slice(2)).toEqual([0, 0, 0])
  expect(Math.abs((two[0] ?? 0) - first / (first + second))).toBeLessThan(0.015)
  const three = frequencies(logits, 1, first + second + fourth / 2)
  expect(three[2]).toBe(0)
  expect(three[4]).toBeGreaterThan(0)
})

test('of equals, top_p keeps as many as it needs', () => {
  expect(frequencies([1, 1, 1, 1], 1, 0.5).filter((frequency) => frequency > 0)).toHaveLength(2)
  const [tie = 0, , highest = 0] = softmax([0, 0, 1], 1)
  const [first = 0, second, third = 0] = frequencies([0, 0, 1], 1, highest + tie / 2)
  expect(second).toBe(0)
  expect(Math.abs(first - tie / (tie + highest))).toBeLessThan(0.015)
  expect(Math.abs(third - highest / (tie + highest))).toBeLessThan(0.015)
})

test('temperature 0 takes the highest logit, the first of equals', () => {
  const sample = createSampler({ temperature: 0, topP: 1, seed: 1 }, 0)
  expect(sample(Float32Array.of(-3, -1, -2, -1))).toBe(1)
})

test('a very low temperature is greedy too', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1 }), (logits) => {
      const sample = createSampler({ temperature: 1e-4, topP: 0.9, seed: 1 }, 0)
      const drawn = logits[sample(Float32Array.from(logits))]
      expect(drawn).toBe(Math.max(...logits))
    }),
  )
})

test('the same seed and index draw the same, any other draws differently', () => {
  const sequence = (seed: number, index: number) => {
    const sample = createSampler({ temperature: 1, topP: 0.95, seed }, index)
    return Array.from({ length: 64 }, () => sample(Float32Array.from({ length: 300 }, () => 0)))
  }
  const seeds = [0, 1, 7, -1, 2 ** 31, 2 ** 32 + 7, Number.MAX_SAFE_INTEGER]
  const all = seeds.flatMap((seed) => [0, 1, 2].map((index) => sequence(seed, index).join()))
  expect(new Set(all).size).toBe(all.length)
  expect(sequence(7, 1)).toEqual(sequence(7, 1))
})
