import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundledModel } from '../../host/package-root.ts'
import { episode } from '../../models/generate/episode.ts'
import { hash, Rng } from '../../models/generate/random.ts'
import { loadRewardModel } from '../../reward-service/load.ts'
import type { RewardModel } from '../../reward-service/reward-model.ts'
import { createScore } from '../../reward-service/score.ts'

const folders = [bundledModel('nano-policy'), bundledModel('nano-reward')]

test('the pair is small enough for a repository', () => {
  const sizes = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.safetensors'))
      .map((name) => statSync(join(folder, name)).size),
  )
  expect(Math.max(...sizes)).toBeLessThan(15_000_000)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(32_000_000)
})

let model: RewardModel
beforeAll(async () => {
  model = await loadRewardModel(bundledModel('nano-reward'), { pooling: 'hf' })
})
afterAll(() => model.close())

test('nano-reward ranks at least 95 % of held-out pairs right', async () => {
  const score = createScore(model)
  const never = new AbortController().signal
  let right = 0
  let pairs = 0
  for (let number = 0; number < 40; number++) {
    for (const row of episode(new Rng(hash(`test:${number}`)), 'held')) {
      if (row.t !== 'reward') continue
      const question = { role: 'user', content: row.q }
      const sequences = row.c.map(({ a }, index) => ({
        path: `${index}`,
        messages: [question, { role: 'assistant', content: a }],
      }))
      const { scored: answers } = await score(sequences, never)
      const rewards = answers.map(({ reward }) => reward)
      const scored = row.c.map(({ s }, index) => ({ quality: s, reward: rewards[index] ?? NaN }))
      for (const [place, one] of scored.entries()) {
        for (const other of scored.slice(place + 1)) {
          if (Math.abs(one.quality - other.quality) < 1e-3) continue
          pairs++
          if (one.reward > other.reward === one.quality > other.quality) right++
        }
      }
    }
  }
  expect(pairs).toBeGreaterThan(300)
  expect(right / pairs).toBeGreaterThanOrEqual(0.95)
})
