/**
 * The seam to OpenTelemetry's metrics, whose API does nothing until a process registers an SDK: what
 * is counted and measured goes through here. No label may be anything that callers make up.
 */
import { type Attributes, metrics, type MetricOptions } from '@opentelemetry/api'

/** What an instrument is about, in words and as UCUM writes its unit. */
export type About = Pick<MetricOptions, 'description' | 'unit'>

const meter = () => metrics.getMeter('tpo-edge')

/** Made when it is first used: whoever asks before there is an SDK gets one that does nothing for ever. */
function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}

/** Counts what only grows. */
export function counter(name: string, about: About) {
  const made = once(() => meter().createCounter(name, about))
  return (amount: number, attributes?: Attributes) => made().add(amount, attributes)
}

/** Counts what comes and goes. */
export function level(name: string, about: About) {
  const made = once(() => meter().createUpDownCounter(name, about))
  return (change: 1 | -1, attributes?: Attributes) => made().add(change, attributes)
}

/** Keeps how values are spread, by the upper bounds of their buckets. */
export function histogram(name: string, bounds: readonly number[], about: About) {
  const made = once(() =>
    meter().createHistogram(name, {
      ...about,
      advice: { explicitBucketBoundaries: [...bounds] },
    }),
  )
  return (value: number, attributes?: Attributes) => made().record(value, attributes)
}

/** A value with the attributes that tell it from others of its name. */
export type Reading = readonly [value: number, attributes?: Attributes]

/** Is read when somebody asks, from now on. `of`: whether the value only grows. */
export function observed(
  name: string,
  about: About & { of: 'gauge' | 'counter' },
  read: () => Iterable<Reading> | Promise<Iterable<Reading>>,
): void {
  const { of, ...rest } = about
  const instrument =
    of === 'gauge'
      ? meter().createObservableGauge(name, rest)
      : meter().createObservableCounter(name, rest)
  instrument.addCallback(async (result) => {
    for (const [value, attributes] of await read()) result.observe(value, attributes)
  })
}

/** `count` bounds, each so many times the one before. */
export const powers = (first: number, count: number, factor = 2): number[] =>
  Array.from({ length: count }, (_, power) => first * factor ** power)
