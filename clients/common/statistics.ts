export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** Sum of squared distances from the mean. */
export function squares(values: readonly number[]): number {
  const center = mean(values)
  return values.reduce((sum, value) => sum + (value - center) ** 2, 0)
}

/** Pearson's, of values in pairs; NaN where one of them never varies. */
export function correlationOf(xs: readonly number[], ys: readonly number[]): number {
  const [x0, y0] = [mean(xs), mean(ys)]
  const together = xs.reduce((sum, x, at) => sum + (x - x0) * ((ys[at] ?? y0) - y0), 0)
  return together / (Math.sqrt(squares(xs)) * Math.sqrt(squares(ys)))
}
