/**
 * strict_reference asks, picks and returns what the reference does, call by call: expected.json was
 * made from the description of its algorithm (tests/fixtures/reference/make-expected.ts).
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { referenceEntry } from '../../clients/cli/batch/reference-format.ts'
import { continued, streamedStep } from '../../clients/common/batch.ts'
import { beginRecord } from '../../clients/common/tree.ts'
import { Mode, StartRequest } from '../../shared/tpo.ts'
import type { ChatRequest } from '../fakes/fake-vllm.ts'
import { digest, reward, write } from '../fixtures/reference/fake-model.ts'
import { firstLine, promptsOf } from '../fixtures/reference/prompts.ts'
import { type House, openHouse } from './house.ts'

const Settings = z.object({
  mode: Mode,
  question: z.int(),
  samples: z.int(),
  iterations: z.int(),
  seed: z.int(),
  temperature: z.number(),
  max_tokens: z.int(),
})

const Expected = z.object({
  questions: z.array(z.string()),
  runs: z.array(
    z.object({
      settings: Settings,
      /** n, temperature, top_p, max_tokens, seed or null, digest of the messages. */
      calls: z.array(z.array(z.union([z.number(), z.string(), z.null()]))),
      /** After every scoring: digests of chosen and rejected. */
      picks: z.array(z.tuple([z.string(), z.string()])),
      /** Digest of an answer's name in the results, and its score. */
      scores: z.array(z.tuple([z.string(), z.number()])),
    }),
  ),
  whole: z.array(
    z.object({
      settings: Settings,
      calls: z.array(z.looseObject({ messages: z.array(z.unknown()) })),
      scores: z.record(z.string(), z.number()),
    }),
  ),
})

const folder = join(import.meta.dirname, '../fixtures/reference')
const expected = Expected.parse(JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')))

let house: House
beforeAll(async () => {
  // Loss and gradient ask for 8192 tokens beside their prompts.
  house = await openHouse({ maxModelLen: 65_536 })
})
afterAll(() => house.close())

/** Runs it step by step; every request to both models, and what came of it. */
async function strictRun({ mode, question, ...given }: z.infer<typeof Settings>) {
  const query = expected.questions[question] ?? ''
  house.policy.behave({ write })
  house.reward.behave({ reward })
  const { samples, iterations, seed, ...policy } = given
  const settings = StartRequest.parse({
    messages: [
      { role: 'system', content: firstLine },
      { role: 'user', content: query },
    ],
    mode,
    samples,
    iterations,
    seed,
    policy,
    prompts: promptsOf(mode),
    strict_reference: true,
  })
  let record = beginRecord(settings, await house.client.start(settings), new Date())
  const never = new AbortController().signal
  for await (const longer of continued(record, streamedStep(house.client), never)) record = longer
  expect(house.faults).toEqual([])
  return { query, record, requests: house.policy.requests, judged: house.reward.requests }
}

/** All that says what is drawn; nothing else may be sent. */
function callOf(request: ChatRequest) {
  const { model: _model, stream: _stream, stream_options: _options, ...call } = request
  return call
}

describe.each(Mode.options)('%s', (mode) => {
  const runs = expected.runs.filter(({ settings }) => settings.mode === mode)

  test.each(runs)(
    'N=$settings.samples, D=$settings.iterations, question $settings.question',
    async ({ settings, calls, picks, scores }) => {
      const { query, record, requests, judged } = await strictRun(settings)
      expect(
        requests.map((request) => {
          const {
            n,
            temperature,
            top_p,
            max_tokens,
            seed = null,
            messages,
            ...rest
          } = callOf(request)
          expect(rest).toEqual({})
          return [n, temperature, top_p, max_tokens, seed, digest(JSON.stringify(messages))]
        }),
      ).toEqual(calls)

      const scored = record.nodes.filter(({ step }) => step?.name === 'score')
      expect(
        scored.map(({ run: { best, worst } }) => [
          digest(best?.text ?? ''),
          digest(worst?.text ?? ''),
        ]),
      ).toEqual(picks)

      // The reward model reads question and answer alone, the answers in the order they came.
      for (const { messages } of judged) {
        expect(messages).toEqual([{ role: 'user', content: query }])
      }
      const entries = Object.entries(referenceEntry(record))
      expect(entries.map(([name, score]) => [digest(name), score])).toEqual(scores)
    },
  )
})

test.each(expected.whole)('$settings.mode, word for word', async ({ settings, calls, scores }) => {
  const { record, requests } = await strictRun(settings)
  expect(requests.map(callOf)).toEqual(calls)
  expect(referenceEntry(record)).toEqual(scores)
})

const request = { query: 'Q', samples: 3, iterations: 1, strict_reference: true }

test('where every rewrite lacks its tags, the run stops with what to do, and its cursor stays good', async () => {
  house.reward.behave({})
  house.policy.behave({ write: (_, index) => `Text ${index}` })
  const until = { step: 'update' as const, iteration: 1 }
  const { cursor, run } = await house.client.run({ ...request, until })
  expect(await house.problem('/v1/tpo/step', { cursor })).toMatchObject({
    code: 'policy_empty',
    detail: expect.stringMatching(/in all 3 answers, and strict_reference drops/),
  })
  const edit = { sampling: { seed: 8 } }
  house.policy.behave({
    write: ({ seed }, index) => (seed === 8 && index > 0 ? `<answer>New ${index}` : 'No tags.'),
  })
  const { step } = await house.client.step(cursor, { edit })
  expect(step.candidates?.map(({ text }) => text)).toEqual(['', 'New 1', 'New 2'])
  expect(step.warnings?.map(({ code, count }) => [code, count])).toEqual([
    ['answer_tags_missing', 2],
    ['answers_dropped', 1],
  ])
  expect(run.best).not.toBeNull()
})

test('a server without n gets the seeds that vLLM makes of one', async () => {
  house.reward.behave({})
  house.policy.behave({ refusesN: true })
  const { steps } = await house.client.run({ ...request, seed: 2 ** 31 - 2, iterations: 0 })
  const [, ...taken] = house.policy.requests.map(({ n, seed }) => [n, seed])
  expect(taken).toEqual([
    [1, 2 ** 31 - 2],
    [1, 2 ** 31 - 1],
    [1, 0],
  ])
  expect(steps[0]?.warnings).toBeUndefined()
})

test('loss and gradient go without a seed, and nothing warns of it', async () => {
  house.reward.behave({})
  house.policy.behave({})
  const { steps } = await house.client.run(request)
  expect(house.policy.requests.map((asked) => 'seed' in asked)).toEqual([true, false, false, true])
  for (const { warnings } of steps) expect(warnings).toBeUndefined()
})

test('steps say what the model was asked', async () => {
  house.reward.behave({})
  house.policy.behave({})
  const { steps } = await house.client.run({ ...request, strict_reference: false })
  const [, ...asked] = house.policy.requests.map(({ messages }) => messages)
  expect(steps.flatMap(({ messages }) => (messages === undefined ? [] : [messages]))).toEqual(asked)
  expect(asked).toHaveLength(3)
})

test('it travels in the cursor', async () => {
  const { cursor } = await house.client.start(request)
  expect(await house.client.inspect(cursor)).toMatchObject({ strict_reference: true })
})
