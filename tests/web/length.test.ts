import { expect, test } from 'vitest'
import { lengthTrend } from '../../clients/common/length.ts'

const answers = (...rows: [iteration: number, reward: number, length: number][]) =>
  rows.map(([iteration, reward, length]) => ({ iteration, reward, length }))

test('growth is that of the mean length, the correlation that of all answers', () => {
  const trend = lengthTrend(
    answers([0, 1, 100], [0, 2, 200], [0, 3, 300], [1, 4, 400], [1, 5, 500], [1, 6, 600]),
  )
  expect(trend?.growth).toBeCloseTo(1.5)
  expect(trend?.correlation).toBeCloseTo(1)
})

test.each([
  [
    'one iteration alone',
    answers([0, 1, 1], [0, 2, 2], [0, 3, 3], [0, 4, 4], [0, 5, 5], [0, 6, 6]),
  ],
  ['few answers', answers([0, 1, 100], [1, 2, 200])],
  [
    'answers that grew and rewards that fell',
    answers([0, 6, 100], [0, 5, 200], [0, 4, 300], [1, 3, 400], [1, 2, 500], [1, 1, 600]),
  ],
  [
    'answers that hardly grew',
    answers([0, 1, 100], [0, 2, 101], [0, 3, 102], [1, 4, 103], [1, 5, 104], [1, 6, 105]),
  ],
  [
    'rewards that have nothing to do with length',
    answers([0, 1, 100], [0, 1, 300], [0, 1, 100], [1, 4, 100], [1, 1, 400], [1, 1, 400]),
  ],
  [
    'equal rewards',
    answers([0, 1, 100], [0, 1, 100], [0, 1, 100], [1, 1, 200], [1, 1, 200], [1, 1, 200]),
  ],
  ['nothing', []],
])('there is no remark on %s', (_, scored) => {
  expect(lengthTrend(scored)).toBe(null)
})
