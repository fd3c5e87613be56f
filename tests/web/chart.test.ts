import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { path, rewardChart } from '../../clients/common/chart.ts'

const size = { width: 640, height: 240, iterations: 2 }

test('every dot lies inside the plot, higher rewards higher up', () => {
  const reward = fc.double({ min: -1e6, max: 1e6, noNaN: true })
  const dot = fc.record({ iteration: fc.nat(5), index: fc.nat(20), reward })
  fc.assert(
    fc.property(fc.array(dot, { minLength: 1 }), (dots) => {
      const chart = rewardChart(dots, size)
      const heights = chart.rewardTicks.map(({ y }) => y)
      for (const { x, y } of [...chart.dots, ...chart.best, ...chart.mean, ...chart.band]) {
        expect(x).toBeGreaterThanOrEqual(chart.left)
        expect(x).toBeLessThanOrEqual(chart.right)
        expect(y).toBeGreaterThanOrEqual(Math.min(...heights) - 0.01)
        expect(y).toBeLessThanOrEqual(Math.max(...heights) + 0.01)
      }
      const byReward = chart.dots.toSorted((a, b) => a.reward - b.reward)
      expect(byReward.map(({ y }) => y)).toEqual(byReward.map(({ y }) => y).sort((a, b) => b - a))
    }),
  )
})

test('the best line never falls, and passes through the dot that raised it', () => {
  const rewards = [
    [1, 3, 2],
    [0, 2, 1],
    [5, 4, 0],
  ]
  const dots = rewards.flatMap((row, iteration) =>
    row.map((reward, index) => ({ iteration, index, reward })),
  )
  const { best, mean, band, dots: placed, iterationTicks } = rewardChart(dots, size)
  const at = (iteration: number, index: number) => {
    const { x, y } = placed.find((dot) => dot.iteration === iteration && dot.index === index) ?? {}
    return { x, y }
  }
  expect(best[0]).toEqual(at(0, 1))
  expect(best[1]).toEqual({ x: iterationTicks[1]?.x, y: best[0]?.y })
  expect(best[2]).toEqual(at(2, 0))
  expect(mean[0]?.y).toBeCloseTo(at(0, 2).y ?? Number.NaN)
  // A standard deviation to each side of the mean.
  const heights = band.filter(({ x }) => x === iterationTicks[0]?.x).map(({ y }) => y)
  const perReward = ((at(0, 0).y ?? 0) - (at(0, 1).y ?? 0)) / 2
  expect((heights[1] ?? 0) - (heights[0] ?? 0)).toBeCloseTo(2 * Math.sqrt(2 / 3) * perReward)
  expect(path(best)).toMatch(/^M[\d.]+ [\d.]+(L[\d.]+ [\d.]+){2}$/)
})

test('equal rewards and no rewards at all have a chart too', () => {
  const equal = rewardChart([{ iteration: 0, index: 0, reward: 2 }], size)
  expect(equal.rewardTicks.length).toBeGreaterThan(1)
  const empty = rewardChart([], size)
  expect(empty.dots).toEqual([])
  expect(empty.iterationTicks.map(({ iteration }) => iteration)).toEqual([0, 1, 2])
})
