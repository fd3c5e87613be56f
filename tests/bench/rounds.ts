/** Ways to do the same, measured by turns: what else the machine does then slows all of them. */

export interface Measured {
  /** Median, in milliseconds. */
  median: number
  fastest: number
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(part * (sorted.length - 1))] ?? NaN
}

export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits))

export async function byTurns<Way extends string>(
  rounds: number,
  ways: Readonly<Record<Way, () => Promise<unknown>>>,
): Promise<Record<Way, Measured>> {
  const names = Object.keys(ways) as Way[]
  const times = new Map<Way, number[]>(names.map((name) => [name, []]))
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const began = performance.now()
      await ways[name]()
      if (round > 0) times.get(name)?.push(performance.now() - began)
    }
  }
  const measured = (name: Way): [Way, Measured] => {
    const values = times.get(name) ?? []
    return [name, { median: rounded(median(values)), fastest: rounded(Math.min(...values)) }]
  }
  return Object.fromEntries(names.map(measured)) as Record<Way, Measured>
}
