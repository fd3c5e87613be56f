/** The numbers of a comparison, against values worked out elsewhere. */
import { describe, expect, test } from 'vitest'
import type { Arms } from '../../clients/cli/evaluation/arms.ts'
import { figuresOf } from '../../clients/cli/evaluation/evaluate.ts'
import type {
  ArmAnswer,
  ArmName,
  IterationReached,
  Trial,
} from '../../clients/cli/evaluation/evaluation.ts'
import {
  deviation,
  meanInterval,
  shareInterval,
  studentQuantile,
} from '../../clients/cli/evaluation/statistics.ts'
import { present } from '../api/house.ts'

describe('intervals', () => {
  // Student's quantiles as tables print them, to three decimals.
  test.each([
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [4, 2.776],
    [9, 2.262],
    [29, 2.045],
    [99, 1.984],
  ])('of %i degrees of freedom', (freedom, table) => {
    expect(Math.abs(studentQuantile(freedom) / table - 1)).toBeLessThan(0.003)
  })

  test('a mean: 1 … 5 is 3 ± 1.963', () => {
    const { value, low, high } = present(meanInterval([1, 2, 3, 4, 5]) ?? undefined)
    expect(value).toBe(3)
    expect(low).toBeCloseTo(1.0368, 2)
    expect(high).toBeCloseTo(4.9632, 2)
    expect(deviation([1, 2, 3, 4, 5])).toBeCloseTo(1.5811, 4)
  })

  test('of one value nothing is known, of none not even a mean', () => {
    expect(meanInterval([2])).toEqual({ value: 2, low: null, high: null })
    expect(meanInterval([])).toBeNull()
    expect(shareInterval(0, 0)).toBeNull()
  })

  // Wilson's interval, as Newcombe (1998) tabulates it: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
  test.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('a share of %i of %i', (count, n, low, high) => {
    const interval = present(shareInterval(count / n, n) ?? undefined)
    expect(interval.low).toBeCloseTo(low, 4)
    expect(interval.high).toBeCloseTo(high, 4)
  })
})

const answer = (reward: number, judge: number | null = null): ArmAnswer => ({
  reward,
  judge,
  characters: 100 + reward,
  tokens: 50,
  model_calls: 2,
  seconds: 1,
})

function trial(id: string, repetition: number, rewards: Partial<Record<ArmName, number>>): Trial {
  const answers = Object.entries(rewards).map(([name, reward]) => [name, answer(reward, -reward)])
  const reached = (iteration: number, best: number): IterationReached => {
    return { iteration, mean: best - 1, best, spread: 1, characters: 10, judge: null }
  }
  const iterations = [reached(0, rewards.first_answer ?? 0), reached(1, rewards.tpo ?? 0)]
  return {
    id,
    question: `What is ${id}?`,
    repetition,
    answers: Object.fromEntries(answers),
    iterations,
  }
}

const arms: Arms = new Map<ArmName, number>([
  ['first_answer', 1],
  ['tpo', 10],
])

describe('a comparison', () => {
  const trials = [
    trial('a', 0, { first_answer: 0, tpo: 2 }),
    trial('a', 1, { first_answer: 2, tpo: 2 }),
    trial('b', 0, { first_answer: 1, tpo: 0 }),
    trial('b', 1, { first_answer: 1, tpo: 4 }),
    trial('c', 0, { first_answer: 0, tpo: 1 }),
    trial('c', 1, { first_answer: 0, tpo: 3 }),
  ]
  const { arms: figures, contests, per_question, iterations } = figuresOf(trials, arms)
  const [first, own] = figures

  test('averages the repetitions of a question before it is told how sure a mean is', () => {
    expect(own?.reward).toEqual(meanInterval([2, 2, 2]))
    expect(first?.reward).toEqual(meanInterval([1, 1, 0]))
    expect(per_question.map((question) => question.arms.tpo?.reward)).toEqual([2, 2, 2])
  })

  test('wins, ties as half, and gains', () => {
    const [byReward, byJudge] = contests
    expect(byReward).toMatchObject({ over: 'first_answer', by: 'reward', won: 4, tied: 1, lost: 1 })
    expect(byReward?.win_rate).toEqual(shareInterval(0.75, 3))
    expect(byReward?.gain).toEqual(meanInterval([1, 1, 2]))
    expect(byJudge).toMatchObject({ by: 'judge', won: 1, tied: 1, lost: 4 })
  })

  test('stability is the deviation over repetitions, of which there must be some', () => {
    expect(own?.spread?.value).toBeCloseTo((0 + Math.sqrt(8) + Math.sqrt(2)) / 3, 10)
    const once = figuresOf(
      trials.filter(({ repetition }) => repetition === 0),
      arms,
    )
    expect(once.arms[1]?.spread).toBeNull()
  })

  test('a run that stopped early keeps what it reached in later iterations', () => {
    const stopped = trial('d', 0, { first_answer: 5, tpo: 5 })
    const early = { ...stopped, iterations: stopped.iterations.slice(0, 1) }
    const late = trial('e', 0, { first_answer: 1, tpo: 3 })
    const { iterations: reached } = figuresOf([early, late], arms)
    expect(reached.map(({ best }) => best.value)).toEqual([3, 4])
    expect(reached.map(({ mean }) => mean.value)).toEqual([2, 2])
    expect(reached.map(({ best_here }) => best_here)).toEqual([0.5, 0.5])
    expect(iterations).toHaveLength(2)
  })

  test('without any trial there are no figures', () => {
    expect(figuresOf([], arms)).toEqual({
      arms: [],
      iterations: [],
      contests: [],
      per_question: [],
    })
  })
})
