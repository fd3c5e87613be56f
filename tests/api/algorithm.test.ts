import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { pair } from '../../api/algorithm/select.ts'
import { lossPrompt, updatePrompt } from '../../api/algorithm/prompts.ts'
import { State } from '../../api/algorithm/state.ts'
import {
  applyCandidates,
  applyGradient,
  applyLoss,
  applyScore,
  begin,
  nextStep,
  scorable,
  spend,
  toRun,
} from '../../api/algorithm/transitions.ts'
import { defaultPack } from '../../api/prompts/pack.ts'
import { present } from './house.ts'
import { type Next, StartRequest, type StartRequest as Start } from '../../shared/tpo.ts'

const identity = { id: 'run-1', created_at: '2026-11-22T10:00:00.000Z' }
const started = (request: Partial<Start> = {}) =>
  begin(StartRequest.parse({ query: 'Q', ...request }), identity)

interface Answer {
  text: string
  reward: number
}

const draw = (state: State, answers: readonly Answer[]) =>
  applyCandidates(
    state,
    answers.map(({ text }, index) => ({ index, text, finish_reason: 'stop', tokens: 1 })),
  )

const score = (state: State, answers: readonly Answer[]) =>
  applyScore(
    state,
    scorable(state).map(({ index, text }) => ({
      index,
      text,
      reward: present(answers[index]).reward,
    })),
  )

const rewarded = (...rewards: number[]): Answer[] =>
  rewards.map((reward, index) => ({ text: `${index}:${reward}`, reward }))

/** Plays a run to its end with these answers per iteration; every state on the way. */
function play(state: State, iterations: readonly (readonly Answer[])[]): State[] {
  const states = [state]
  for (;;) {
    const now = states.at(-1) ?? state
    if (now.next === null) return states
    const answers = iterations[now.next.iteration] ?? []
    const moves: Record<Next['step'], () => State> = {
      sample: () => draw(now, answers),
      score: () => score(now, answers),
      loss: () => applyLoss(now, `loss ${now.next?.iteration}`),
      gradient: () => applyGradient(now, `gradient ${now.next?.iteration}`),
      update: () => draw(now, answers),
    }
    states.push(moves[now.next.step]())
  }
}

const last = (states: readonly State[]) => present(states.at(-1))

test('tpo: sample, score, then D rounds', () => {
  const states = play(started({ iterations: 2 }), [rewarded(1, 2), rewarded(3, 4), rewarded(5, 6)])
  expect(states.map(({ next }) => next && `${next.step} ${next.iteration}`)).toEqual([
    'sample 0',
    'score 0',
    'loss 1',
    'gradient 1',
    'update 1',
    'score 1',
    'loss 2',
    'gradient 2',
    'update 2',
    'score 2',
    null,
  ])
  expect(states.map((state) => toRun(state).iteration)).toEqual([0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
  expect(toRun(last(states)).stop_reason).toBe('iterations')
})

test.each([
  { mode: 'bon' as const, iterations: 5 },
  { iterations: 0 },
  { mode: 'revision' as const, iterations: 0 },
])('%o ends after the first score', (request) => {
  const states = play(started(request), [rewarded(1, 2)])
  expect(states).toHaveLength(3)
  expect(toRun(last(states))).toMatchObject({ iterations: 0, stop_reason: 'iterations' })
})

test('the oldest wins ties, in one iteration and across them', () => {
  const { best, worst } = last(
    play(started({ iterations: 1 }), [rewarded(2, 2, 1, 1), rewarded(1, 2, 2, 1)]),
  )
  expect(best).toMatchObject({ iteration: 0, index: 0 })
  expect(worst).toMatchObject({ iteration: 0, index: 2 })
})

test('chosen and rejected come from all candidates seen so far', () => {
  const { best, worst } = last(
    play(started({ iterations: 2 }), [rewarded(0, 5), rewarded(1, 2), rewarded(-1, 3)]),
  )
  expect(best).toMatchObject({ iteration: 0, index: 1, reward: 5 })
  expect(worst).toMatchObject({ iteration: 2, index: 0, reward: -1 })
})

test.each([
  ['N = 1', rewarded(1)],
  ['equal rewards', rewarded(3, 3, 3)],
  [
    'equal texts',
    [
      { text: 'same', reward: 1 },
      { text: 'same', reward: 2 },
    ],
  ],
])('with one answer only (%s) the loss is as in revision', (_, answers) => {
  const [, , scored] = play(started(), [answers])
  const state = present(scored)
  expect(pair(state)).toMatchObject({ rejected: null, single: true })
  const revision = present(play(started({ mode: 'revision' }), [answers])[2])
  expect(lossPrompt(state, defaultPack)).toEqual(lossPrompt(revision, defaultPack))
  expect(pair(revision)).toMatchObject({ rejected: null, single: false })
})

test('a second answer ends it', () => {
  const states = play(started({ samples: 1, iterations: 2 }), [
    rewarded(1),
    rewarded(2),
    rewarded(3),
  ])
  const before = states.filter(({ next }) => next?.step === 'loss')
  expect(before.map((state) => pair(state).single)).toEqual([true, false])
})

test('an empty answer is kept, not scored, and counts nowhere', () => {
  const answers = [{ text: '', reward: 9 }, ...rewarded(1, 3)]
  const [, drawn, scored] = play(started(), [answers])
  expect(drawn?.pending).toHaveLength(3)
  expect(scored?.history).toEqual([{ iteration: 0, mean: 2, best: 3, worst: 1, std: 1, count: 2 }])
  expect(scored?.best).toMatchObject({ index: 2 })
})

test('an update sees the best answer, not the latest', () => {
  const states = play(started({ iterations: 2 }), [rewarded(9, 1), rewarded(2, 3), rewarded(4, 5)])
  const before = states.find(({ next }) => next?.step === 'update' && next.iteration === 2)
  const [, user] = updatePrompt(present(before), defaultPack)
  expect(user?.content).toContain('<current>\n0:9\n</current>')
  expect(user?.content).toContain('<advice>\ngradient 2\n</advice>')
})

test('loss and gradient end with the update they served', () => {
  const states = play(started({ iterations: 1 }), [rewarded(1, 2), rewarded(3, 4)])
  expect(states.map(({ loss, gradient }) => [loss, gradient])).toEqual([
    ...Array.from({ length: 3 }, () => [null, null]),
    ['loss 1', null],
    ['loss 1', 'gradient 1'],
    [null, null],
    [null, null],
  ])
})

test('usage adds up without binary noise', () => {
  const state = spend(spend(started(), { seconds: 0.1, model_calls: 1 }), {
    seconds: 0.2,
    prompt_tokens: 5,
  })
  expect(state.usage).toEqual({
    prompt_tokens: 5,
    completion_tokens: 0,
    model_calls: 1,
    reward_calls: 0,
    seconds: 0.3,
  })
})

test('another step than the next is refused, and any after the end', () => {
  expect(() => nextStep(started(), 'loss')).toThrow(
    expect.objectContaining({
      problem: expect.objectContaining({ code: 'wrong_step', expected: 'sample' }),
    }),
  )
  const over = last(play(started({ mode: 'bon' }), [rewarded(1)]))
  expect(() => nextStep(over)).toThrow(
    expect.objectContaining({ problem: expect.objectContaining({ code: 'run_finished' }) }),
  )
})

// Without -0, which is equal to 0 everywhere but in `toBe`.
const reward = fc.double({ min: -100, max: 100, noNaN: true }).map((value) => value + 0)
const runs = fc
  .record({
    mode: fc.constantFrom('tpo', 'revision', 'bon'),
    samples: fc.integer({ min: 1, max: 6 }),
    iterations: fc.integer({ min: 0, max: 5 }),
  })
  .chain((request) =>
    fc
      .array(fc.array(reward, { minLength: request.samples, maxLength: request.samples }), {
        minLength: request.iterations + 1,
        maxLength: request.iterations + 1,
      })
      .map((rewards) => ({ request, rewards })),
  )

test('whatever the rewards: best never falls, counts hold, the state survives JSON', () => {
  fc.assert(
    fc.property(runs, ({ request, rewards }) => {
      const states = play(
        started(request),
        rewards.map((row) => rewarded(...row)),
      )
      const run = toRun(last(states))
      const rounds = request.mode === 'bon' ? 0 : request.iterations
      expect(states).toHaveLength(3 + 4 * rounds)
      expect(run.history.map(({ iteration, count }) => [iteration, count])).toEqual(
        Array.from({ length: rounds + 1 }, (_, iteration) => [iteration, request.samples]),
      )
      const seen = rewards.slice(0, rounds + 1).flat()
      expect(run.best?.reward).toBe(Math.max(...seen))
      expect(run.worst?.reward).toBe(Math.min(...seen))
      let best = Number.NEGATIVE_INFINITY
      for (const state of states) {
        expect(state.best?.reward ?? best).toBeGreaterThanOrEqual(best)
        best = state.best?.reward ?? best
        expect(State.parse(JSON.parse(JSON.stringify(state)))).toEqual(
          JSON.parse(JSON.stringify(state)),
        )
      }
      for (const summary of run.history) {
        expect(summary.best).toBeGreaterThanOrEqual(summary.worst)
        expect(summary.std).toBeGreaterThanOrEqual(0)
      }
    }),
  )
})

test('the state does not grow with D beyond history and usage', () => {
  const long = (iteration: number) =>
    Array.from({ length: 5 }, (_, index) => ({
      text: 'x'.repeat(2000),
      reward: iteration + index / 10,
    }))
  const states = play(
    started({ iterations: 20 }),
    Array.from({ length: 21 }, (_, i) => long(i)),
  )
  const sizes = states
    .filter(({ next }) => next?.step === 'score')
    .map((state) => JSON.stringify({ ...state, history: [], usage: {} }).length)
  expect(Math.max(...sizes.slice(1)) - Math.min(...sizes.slice(1))).toBeLessThan(50)
})
