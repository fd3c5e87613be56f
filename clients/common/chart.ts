/**
 * Geometry of the chart of reward against iteration, in pixels; drawing it is up to the caller.
 */
export interface ChartDot {
  readonly iteration: number
  readonly index: number
  readonly reward: number
}

export interface ChartSize {
  readonly width: number
  readonly height: number
  /** The last iteration the axis makes room for. */
  readonly iterations: number
  /** What the axis of rewards makes room for besides the dots, so that two charts can lie on one. */
  readonly rewards?: readonly number[]
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface RewardChart {
  /** Every candidate, spread sideways by its index so that equal rewards stay apart. */
  readonly dots: readonly (ChartDot & Point)[]
  /** Mean of each iteration. */
  readonly mean: readonly Point[]
  /** Around the mean, a standard deviation to each side: as an outline, up one side and back. */
  readonly band: readonly Point[]
  /** Highest reward of this and all earlier iterations: through its dot, where it is new. */
  readonly best: readonly Point[]
  readonly rewardTicks: readonly { readonly reward: number; readonly y: number }[]
  readonly iterationTicks: readonly { readonly iteration: number; readonly x: number }[]
  /** Where the plot begins and ends. */
  readonly left: number
  readonly right: number
  readonly bottom: number
}

const margin = { left: 44, right: 16, top: 14, bottom: 30 }

/** Lays the chart out. Without dots there are only the iterations to come. */
export function rewardChart(dots: readonly ChartDot[], size: ChartSize): RewardChart {
  const last = Math.max(size.iterations, ...dots.map((dot) => dot.iteration))
  const iterations = Array.from({ length: last + 1 }, (_, iteration) => iteration)
  const left = margin.left
  const right = size.width - margin.right
  const bottom = size.height - margin.bottom
  const column = (right - left) / (last + 1)
  const x = (iteration: number) => left + column * (iteration + 0.5)

  const rewards = [...dots.map((dot) => dot.reward), ...(size.rewards ?? [])]
  const ticks = niceTicks(Math.min(...rewards), Math.max(...rewards), 4)
  const low = Math.min(...ticks, ...rewards)
  const high = Math.max(...ticks, ...rewards)
  const y = (reward: number) =>
    bottom - ((reward - low) / (high - low || 1)) * (bottom - margin.top)

  const lanes = Math.max(1, ...dots.map((dot) => dot.index + 1))
  const spread = Math.min(column * 0.5, lanes * 14)
  const aside = (index: number) => ((index + 0.5) / lanes - 0.5) * spread

  const placed = dots.map((dot) => ({
    ...dot,
    x: x(dot.iteration) + aside(dot.index),
    y: y(dot.reward),
  }))
  const scored = iterations.filter((iteration) => dots.some((dot) => dot.iteration === iteration))
  let highest = -Infinity

  const clipped = (reward: number) => y(Math.min(high, Math.max(low, reward)))
  const spreads = scored.map((iteration) => {
    const values = dots.filter((dot) => dot.iteration === iteration).map((dot) => dot.reward)
    const mean = values.reduce((sum, reward) => sum + reward, 0) / values.length
    const std = Math.sqrt(
      values.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / values.length,
    )
    return { x: x(iteration), upper: clipped(mean + std), lower: clipped(mean - std) }
  })

  return {
    dots: placed,
    mean: scored.map((iteration) => {
      const heights = placed.filter((dot) => dot.iteration === iteration).map((dot) => dot.y)
      return { x: x(iteration), y: heights.reduce((sum, y) => sum + y, 0) / heights.length }
    }),
    band: outline(spreads, column * 0.25),
    best: scored.map((iteration) => {
      let bestX = x(iteration)
      for (const dot of placed) {
        if (dot.iteration !== iteration || dot.reward <= highest) continue
        highest = dot.reward
        bestX = dot.x
      }
      return { x: bestX, y: y(highest) }
    }),
    rewardTicks: ticks.map((reward) => ({ reward, y: y(reward) })),
    iterationTicks: iterations.map((iteration) => ({ iteration, x: x(iteration) })),
    left,
    right,
    bottom,
  }
}

/** The ends reach out a little, so that one iteration alone has an area, too. */
function outline(
  spreads: readonly { x: number; upper: number; lower: number }[],
  reach: number,
): Point[] {
  const wide = spreads.flatMap((spread, at) => [
    ...(at === 0 ? [{ ...spread, x: spread.x - reach }] : []),
    spread,
    ...(at === spreads.length - 1 ? [{ ...spread, x: spread.x + reach }] : []),
  ])
  return [
    ...wide.map(({ x, upper }) => ({ x, y: upper })),
    ...wide.toReversed().map(({ x, lower }) => ({ x, y: lower })),
  ]
}

/** An SVG path through the points. */
export const path = (points: readonly Point[]): string =>
  points.map(({ x, y }, at) => `${at === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`).join('')

/** Round values that enclose `low…high`, about `count` steps apart; none without a range. */
export function niceTicks(low: number, high: number, count: number): number[] {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return []
  // Rewards that differ by less than arithmetic noise are one reward.
  const noise = Number.EPSILON * 1000 * Math.max(1, Math.abs(low), Math.abs(high))
  const rough = (high - low > noise ? high - low : 1) / count
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => n >= rough) ?? 10 * power
  const first = Math.floor(low / step)
  const length = Math.max(2, Math.ceil(high / step) - first + 1)
  return Array.from({ length }, (_, at) => (first + at) * step)
}
