/** Golden vectors: a service is ready only when its model gives the rewards it should. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundledModel } from '../../host/package-root.ts'
import { InferenceError } from '../../inference/errors.ts'
import { loadRewardModel, type RewardModelOptions } from '../../reward-service/load.ts'
import { expected, fixture, withCopy } from '../inference/fixtures.ts'
import { serveModel } from './serve-model.ts'

const name = 'tiny-reward-fp32'
const tolerance = { float32: 1e-4, bfloat16: 0.1, float16: 0.1 }

/** What transformers gives, as vectors. */
async function golden() {
  const { group } = await expected(name)
  const { messages, candidates } = group
  const request = { messages, candidates: candidates.map(({ text }) => text) }
  const rewards = candidates.map(({ logit }) => logit)
  return { made_by: 'transformers', tolerance, vectors: [{ request, rewards }] }
}

/** What loading says of a copy with these vectors. */
const loading = (content: unknown, options: Partial<RewardModelOptions> = {}) =>
  withCopy(name, async (path) => {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    await writeFile(join(path, 'golden.json'), text)
    try {
      const model = await loadRewardModel(path, { pooling: 'hf', threads: 1, ...options })
      await model.close()
      return null
    } catch (error) {
      return error
    }
  })

test('vectors that agree', async () => {
  const good = await golden()
  const sequence = [0, 3, 20, 4, 30, 1]
  const plain = await serveModel(fixture(name))
  const response = await plain.post('/v1/rewards', { sequences: [sequence] })
  const answer: { rewards: [{ reward: number }] } = await response.json()
  await plain.close()
  const ids = { request: { sequences: [sequence] }, rewards: [answer.rewards[0].reward] }
  expect(await loading({ ...good, vectors: [...good.vectors, ids] })).toBeNull()
})

test('one that does not agree stops the start, in one line that names it', async () => {
  const good = await golden()
  const [vector] = good.vectors
  const rewards = vector?.rewards.map((value, index) => value + (index === 1 ? -0.5 : 0.0002))
  const error = await loading({ ...good, vectors: [vector, { ...vector, rewards }] })
  expect(error).toBeInstanceOf(InferenceError)
  expect(String(error)).toMatch(
    /tiny-reward-fp32 does not give the rewards of its golden\.json on cpu in float32: the worst, \$\.vectors\[1\]\.rewards\[1\], is \S+ in place of \S+, off by 0\.50?, 0\.0001 is allowed\. .* choose another device$/,
  )
  expect(String(error)).not.toContain('\n')
})

test('rewards that are missing are not agreed with', async () => {
  const good = await golden()
  const vectors = good.vectors.map(({ request, rewards }) => ({
    request,
    rewards: rewards.slice(0, -1),
  }))
  expect(String(await loading({ ...good, vectors }))).toMatch(/does not give the rewards/)
})

test('another pooling than that of transformers is no reason to refuse', async () => {
  const pooled = async (pooling: 'hf' | 'last') =>
    withCopy(name, async (path) => {
      const file = join(path, 'config.json')
      const config: Record<string, unknown> = JSON.parse(await readFile(file, 'utf8'))
      await writeFile(file, JSON.stringify({ ...config, pad_token_id: config['eos_token_id'] }))
      const request = { sequences: [[0, 3, 20, 4, 30, 1]] }
      if (pooling === 'last') {
        const vectors = [{ request, rewards: [await pooled('hf')] }]
        await writeFile(
          join(path, 'golden.json'),
          JSON.stringify({ made_by: 'hf', tolerance, vectors }),
        )
      }
      const model = await loadRewardModel(path, { pooling, threads: 1 })
      const ids = Int32Array.from(request.sequences[0] ?? [])
      const { rewards } = await model.rewards([ids], new AbortController().signal)
      await model.close()
      return rewards[0] ?? Number.NaN
    })
  expect(await pooled('last')).not.toBeCloseTo(await pooled('hf'), 3)
})

test('with another chat template, vectors of token ids are checked and no others', async () => {
  const chatTemplate = '{% for message in messages %}{{ message.content }}{% endfor %}'
  const good = await golden()
  expect(await loading(good, { chatTemplate })).toBeNull()
  const ids = { request: { sequences: [[0, 3, 20]] }, rewards: [99] }
  const error = await loading({ ...good, vectors: [...good.vectors, ids] }, { chatTemplate })
  expect(String(error)).toMatch(/does not give the rewards .* in place of 99/)
})

test.each([
  ['no JSON', '{'],
  ['another format', { cases: [] }],
  ['no vectors', { made_by: 'x', tolerance, vectors: [] }],
  [
    'ids that are none',
    { made_by: 'x', tolerance, vectors: [{ request: { sequences: [[-1]] }, rewards: [1] }] },
  ],
])('a file that cannot be read is named: %s', async (_, content) => {
  expect(String(await loading(content))).toMatch(/golden\.json is damaged, or of another kind/)
})

test('vectors that cannot be scored stop the start', async () => {
  const vectors = [{ request: { sequences: [[9999]] }, rewards: [1] }]
  const error = await loading({ made_by: 'x', tolerance, vectors })
  expect(error).toBeInstanceOf(InferenceError)
  expect(String(error)).toMatch(/tiny-reward-fp32 cannot be used: .*no token 9999/)
})

test('nano-reward gives what transformers computes', async () => {
  const model = await loadRewardModel(bundledModel('nano-reward'), { pooling: 'hf', threads: 1 })
  expect(model.state()).toBe('ready')
  await model.close()
})
