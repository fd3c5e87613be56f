/**
 * A collector that keeps what it is sent, in place of Jaeger or Phoenix: takes OTLP over HTTP as
 * JSON, and misbehaves on demand.
 */
import { Hono } from 'hono'
import { z } from 'zod'
import { listen, type NodeEnv, type Server } from './listen.ts'

const Value = z.union([
  z.object({ stringValue: z.string() }).transform(({ stringValue }) => stringValue),
  z.object({ boolValue: z.boolean() }).transform(({ boolValue }) => boolValue),
  z.object({ intValue: z.coerce.number() }).transform(({ intValue }) => intValue),
  z.object({ doubleValue: z.coerce.number() }).transform(({ doubleValue }) => doubleValue),
  z
    .object({ arrayValue: z.object({ values: z.array(z.looseObject({})).default([]) }) })
    .transform(({ arrayValue }) => arrayValue.values.map((value) => Object.values(value)[0])),
])
const Attributes = z
  .array(z.object({ key: z.string(), value: Value }))
  .default([])
  .transform((list) => Object.fromEntries(list.map(({ key, value }) => [key, value])))

const Nanoseconds = z.coerce.bigint()

const Span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().default(''),
  name: z.string(),
  /** 1 internal, 2 server, 3 client. */
  kind: z.number(),
  startTimeUnixNano: Nanoseconds,
  endTimeUnixNano: Nanoseconds,
  attributes: Attributes,
  events: z.array(z.object({ name: z.string(), attributes: Attributes })).default([]),
  links: z.array(z.object({ traceId: z.string(), spanId: z.string() })).default([]),
  /** 2 is an error. */
  status: z.object({ code: z.number().default(0) }).default({ code: 0 }),
})

const Traces = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes: Attributes }),
      scopeSpans: z.array(z.object({ spans: z.array(Span) })),
    }),
  ),
})

const Point = z.object({
  attributes: Attributes,
  /** Of a counter or gauge. */
  asInt: z.coerce.number().optional(),
  asDouble: z.coerce.number().optional(),
  /** Of a histogram. */
  count: z.coerce.number().optional(),
  sum: z.coerce.number().optional(),
})
const Points = z.object({ dataPoints: z.array(Point) })

const Metrics = z.object({
  resourceMetrics: z.array(
    z.object({
      resource: z.object({ attributes: Attributes }),
      scopeMetrics: z.array(
        z.object({
          metrics: z.array(
            z.object({
              name: z.string(),
              sum: Points.optional(),
              gauge: Points.optional(),
              histogram: Points.optional(),
            }),
          ),
        }),
      ),
    }),
  ),
})

export interface KeptPoint {
  name: string
  attributes: Record<string, unknown>
  /** Of a histogram, its sum. */
  value: number
  count?: number
  resource: Record<string, unknown>
}

export type KeptSpan = z.output<typeof Span> & {
  /** Of the process that sent it. */
  resource: Record<string, unknown>
}

export interface Collector extends Server {
  spans: KeptSpan[]
  /** All metrics as they were sent last. */
  points: KeptPoint[]
  /** The metrics, once there are such. */
  untilPoints: (enough: (points: readonly KeptPoint[]) => boolean) => Promise<readonly KeptPoint[]>
  /** Each request, as it came. */
  bodies: string[]
  /** What came in its headers. */
  headers: Record<string, string>[]
  /** The spans, once there are such: resolves when `enough` is true of them. */
  until: (enough: (spans: readonly KeptSpan[]) => boolean) => Promise<readonly KeptSpan[]>
  /** From now on answers this status, or nothing at all. */
  behave: (behaviour: number | 'hang') => void
  forget: () => void
}

export async function startCollector(): Promise<Collector> {
  const spans: KeptSpan[] = []
  const points: KeptPoint[] = []
  const bodies: string[] = []
  const headers: Record<string, string>[] = []
  let behaviour: number | 'hang' = 200
  let waiting: (() => void)[] = []
  const app = new Hono<NodeEnv>()
  app.use(async (c, next) => {
    bodies.push(await c.req.text())
    headers.push(c.req.header())
    for (const look of waiting) look()
    if (behaviour === 'hang') return new Promise<Response>(() => undefined)
    if (behaviour !== 200) return c.body(null, 503)
    // Protobuf is kept as it is.
    if (c.req.header('content-type') !== 'application/json') return c.body(null, 200)
    await next()
    for (const look of waiting) look()
    return undefined
  })
  app.post('/v1/traces', async (c) => {
    for (const { resource, scopeSpans } of Traces.parse(await c.req.json()).resourceSpans) {
      for (const span of scopeSpans.flatMap((scope) => scope.spans)) {
        spans.push({ ...span, resource: resource.attributes })
      }
    }
    return c.json({})
  })
  app.post('/v1/metrics', async (c) => {
    points.length = 0
    for (const { resource, scopeMetrics } of Metrics.parse(await c.req.json()).resourceMetrics) {
      for (const { name, sum, gauge, histogram } of scopeMetrics.flatMap(
        ({ metrics }) => metrics,
      )) {
        for (const point of (sum ?? gauge ?? histogram)?.dataPoints ?? []) {
          const value = point.sum ?? point.asInt ?? point.asDouble ?? NaN
          const { attributes, count } = point
          points.push({ name, attributes, value, count, resource: resource.attributes })
        }
      }
    }
    return c.json({})
  })
  const server = await listen(app)
  /** Resolves when `enough` is true of what is kept. */
  const once = <T>(kept: readonly T[], enough: (kept: readonly T[]) => boolean) =>
    new Promise<readonly T[]>((resolve) => {
      const look = () => {
        if (!enough(kept)) return
        waiting = waiting.filter((one) => one !== look)
        resolve(kept)
      }
      waiting.push(look)
      look()
    })
  return {
    ...server,
    spans,
    points,
    bodies,
    headers,
    until: (enough) => once(spans, enough),
    untilPoints: (enough) => once(points, enough),
    behave(next) {
      behaviour = next
    },
    forget() {
      spans.length = 0
      points.length = 0
      bodies.length = 0
      headers.length = 0
    },
  }
}

/** The tree of a trace: each span's name under its parent's, in the order they began. */
export function treeOf(spans: readonly KeptSpan[]): string[] {
  const known = new Set(spans.map(({ spanId }) => spanId))
  const inOrder = [...spans].sort((a, b) =>
    Number(a.startTimeUnixNano - b.startTimeUnixNano || (a.spanId < b.spanId ? -1n : 1n)),
  )
  const lines: string[] = []
  const draw = (isNext: (span: KeptSpan) => boolean, depth: number) => {
    for (const { name, spanId } of inOrder.filter(isNext)) {
      lines.push(`${'  '.repeat(depth)}${name}`)
      draw(({ parentSpanId }) => parentSpanId === spanId, depth + 1)
    }
  }
  draw(({ parentSpanId }) => !known.has(parentSpanId), 0)
  return lines
}
