import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StartRequest } from '../../shared/client.ts'
import { type House, openHouse } from './house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse({ maxModelLen: 100_000 })
})
afterAll(() => house.close())

const long = 'word '.repeat(400)
const structure = {
  gradient: { system: '{{loss_system}}', user: '{{loss_user}} {{loss}} {{excerpt}}' },
  update: { user: '{{gradient}} {{question}} between <answer> and </answer>' },
}

test.each<[string, StartRequest]>([
  ['as it is', { query: 'Why is the sky blue?' }],
  ['one sample', { query: 'Q', samples: 1, iterations: 1 }],
  ['bon', { query: long, mode: 'bon', samples: 9 }],
  ['revision', { query: long, mode: 'revision', samples: 3, iterations: 4 }],
  [
    'a conversation',
    {
      messages: [
        { role: 'system', content: long },
        { role: 'user', content: 'Q' },
      ],
    },
  ],
  ['other prompts', { query: long, prompts: structure }],
  ['a stop', { query: 'Q', iterations: 5, stop: { target_reward: -100 } }],
])('what a run takes lies within its estimate: %s', async (_, request) => {
  for (const ignoresN of [false, true]) {
    house.policy.behave({ ignoresN })
    const estimate = await house.client.estimate(request)
    expect(house.policy.requests).toHaveLength(0)
    const { run, steps } = await house.client.run(request)
    const taken = {
      requests: steps.length + 1,
      candidates: run.history.reduce((sum, { count }) => sum + count, 0),
      ...run.usage,
    }
    for (const [name, { low, high }] of Object.entries(estimate)) {
      const value = taken[name as keyof typeof estimate]
      expect(value, name).toBeGreaterThanOrEqual(low)
      expect(value, name).toBeLessThanOrEqual(high)
    }
  }
})

test('D2-N5 takes what the paper counts: 1 + 3D model calls, N (D + 1) candidates', async () => {
  expect(await house.client.estimate({ query: 'Q' })).toMatchObject({
    requests: { low: 11, typical: 11, high: 11 },
    model_calls: { low: 7, typical: 7, high: 19 },
    reward_calls: { low: 3, typical: 3, high: 3 },
    candidates: { low: 15, typical: 15, high: 15 },
    completion_tokens: { low: 19, typical: 19 * 400, high: 15 * 2048 + 4 * 8192 },
  })
})

test('usual answers of 400 tokens come near the typical estimate', async () => {
  house.policy.behave({
    write: ({ messages, n }, index) => {
      const answer = `${'four'.repeat(399)} ${index} `
      return n > 1 && messages.length > 1 ? `<answer>${answer}</answer>` : answer
    },
  })
  const request = { query: long, samples: 4, iterations: 2 }
  const { prompt_tokens, completion_tokens } = await house.client.estimate(request)
  const { usage } = (await house.client.run(request)).run
  for (const [taken, { typical }] of [
    [usage.prompt_tokens, prompt_tokens],
    [usage.completion_tokens, completion_tokens],
  ] as const) {
    expect(Math.abs(taken - typical) / taken).toBeLessThan(0.1)
  }
})

test('max_tokens bounds what is typical; what a run refuses, its estimate does', async () => {
  const { completion_tokens } = await house.client.estimate({
    query: 'Q',
    policy: { max_tokens: 10 },
    critic: { max_tokens: 10 },
  })
  expect(completion_tokens).toEqual({ low: 19, typical: 190, high: 190 })
  expect(await house.problem('/v1/tpo/estimate', { query: 'Q', samples: 0 })).toMatchObject({
    status: 422,
    path: '$.samples',
  })
})
