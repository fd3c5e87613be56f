/**
 * The seam to OpenTelemetry, whose API does nothing until a process registers an SDK. Everything
 * that is traced goes through here; nothing here throws of its own, or waits.
 */
import {
  type Attributes,
  type Context,
  context,
  createContextKey,
  diag,
  isSpanContextValid,
  propagation,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { ProblemError } from '../problems.ts'
import { attribute } from './names.ts'

export { type Attributes, type Span, SpanKind }

export const tracer = trace.getTracer('tpo-edge')

export interface SpanOptions {
  /** INTERNAL if left out. */
  kind?: SpanKind
  /** Asked for only where the span is recorded. */
  attributes?: () => Attributes
  /** Attributes of this span and of all inside it. */
  inherited?: Attributes
}

export interface Begun {
  span: Span
  /** Runs work inside the span. */
  within: <T>(work: () => T) => T
}

const inheritedKey = createContextKey('tpo-edge inherited attributes')
const noAttributes: Attributes = {}

/** The attributes that all spans here have. */
export function inherited(at = context.active()): Attributes {
  // Nobody else has this key.
  return (at.getValue(inheritedKey) as Attributes | undefined) ?? noAttributes
}

/** Begins a span that somebody else ends. */
export function begin(name: string, { kind, attributes, inherited: own }: SpanOptions = {}): Begun {
  const parent = current()
  const span = tracer.startSpan(name, { kind }, parent)
  const all = own === undefined ? inherited(parent) : { ...inherited(parent), ...own }
  const inside = own === undefined ? parent : parent.setValue(inheritedKey, all)
  note(span, () => ({ ...all, ...attributes?.() }))
  const at = trace.setSpan(inside, span)
  return { span, within: (work) => context.with(at, work) }
}

export interface TracedOptions<T> extends SpanOptions {
  /** What the value that came of the work adds; asked for only where the span is recorded. */
  result?: (value: T) => Attributes
  /** Of whom the work is for. */
  signal?: AbortSignal
}

/** Runs work inside a span, which gets its status and `error.type` from how that ends. */
export async function traced<T>(
  name: string,
  { result, signal, ...options }: TracedOptions<T>,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const { span, within } = begin(name, options)
  try {
    const value = await within(() => work(span))
    if (result !== undefined) note(span, () => result(value))
    return value
  } catch (error) {
    fail(span, error, signal)
    throw error
  } finally {
    span.end()
  }
}

/** Adds attributes where the span is recorded. A fault in them is never that of the work. */
export function note(span: Span, attributes: () => Attributes): void {
  if (!span.isRecording()) return
  try {
    span.setAttributes(attributes())
  } catch (error) {
    diag.error('attributes of a span are lost', error)
  }
}

/**
 * Marks a span whose work threw this. Messages stay out: a server may have put anything in them.
 * Where `signal` says that nobody wants the work any longer, it has not failed.
 */
export function fail(span: Span, error: unknown, signal?: AbortSignal): void {
  const how = failure(error, signal)
  span.setAttributes(how)
  if (attribute.errorType in how) span.setStatus({ code: SpanStatusCode.ERROR })
}

/** How work that threw this ended, as an attribute. */
export const failure = (error: unknown, signal?: AbortSignal): Attributes =>
  signal?.aborted === true && !isTimeout(signal.reason)
    ? { [attribute.cancelled]: true }
    : { [attribute.errorType]: errorType(error) }

const isTimeout = (reason: unknown) => reason instanceof Error && reason.name === 'TimeoutError'

/** A problem's code, the status that a server answered, or the error's class. */
export function errorType(error: unknown): string {
  if (error instanceof ProblemError) return error.problem.code
  if (!(error instanceof Error)) return '_OTHER'
  return 'status' in error && typeof error.status === 'number' ? String(error.status) : error.name
}

/** `fetch` with the current span's context in its headers (W3C: `traceparent`). */
export const tracedFetch: typeof fetch = (input, init) => {
  const headers: Record<string, string> = {}
  propagation.inject(current(), headers)
  const names = Object.keys(headers)
  if (names.length === 0) return fetch(input, init)
  const all = new Headers(init?.headers)
  for (const name of names) all.set(name, headers[name] ?? '')
  return fetch(input, { ...init, headers: all })
}

/** The current span as a `traceparent`; undefined where nothing is traced. */
export function traceparent(): string | undefined {
  const span = trace.getSpanContext(current())
  if (span === undefined || !isSpanContextValid(span)) return undefined
  const flags = span.traceFlags.toString(16).padStart(2, '0')
  return `00-${span.traceId}-${span.spanId}-${flags}`
}

const traceparentForm = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

function spanContextOf(text: string): SpanContext | undefined {
  const [, traceId, spanId, flags] = traceparentForm.exec(text) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  const span = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
  return isSpanContextValid(span) ? span : undefined
}

/**
 * A span that begins when something inside it does, backwards in time: until then it may still
 * learn whose child it is.
 */
export interface LateSpan {
  within: <T>(work: () => T) => T
  /** The span, which begins if it has not. */
  span: () => Span
}

interface Late {
  /** The context before the span begins. */
  outside: Context
  begin: () => Context
  join: (run: SpanContext) => void
}

const lateKey = createContextKey('tpo-edge late span')

const lateAt = (at: Context) => at.getValue(lateKey) as Late | undefined

/** The active context, in which a late span has begun by now. */
function current(): Context {
  const active = context.active()
  const late = lateAt(active)
  return late?.outside === active ? late.begin() : active
}

export interface LateSpanOptions {
  kind: SpanKind
  /** When it began, in milliseconds since the epoch. */
  startTime: number
  /** What came in headers: the caller's span, if it has one. */
  from: Context
  name: () => string
}

export function lateSpan({ kind, startTime, from, name }: LateSpanOptions): LateSpan {
  const callers = trace.getSpanContext(from)
  let parent = from
  const links: { context: SpanContext }[] = []
  let begun: { span: Span; inside: Context } | undefined
  const begin = () => {
    if (begun === undefined) {
      const span = tracer.startSpan(name(), { kind, startTime, links }, parent)
      begun = { span, inside: trace.setSpan(late.outside, span) }
    }
    return begun
  }
  const late: Late = {
    outside: from,
    begin: () => begin().inside,
    join(run) {
      if (begun !== undefined) return
      if (callers === undefined) parent = trace.setSpanContext(from, run)
      else links.push({ context: run })
    },
  }
  // It stands in the context that it is about.
  late.outside = from.setValue(lateKey, late)
  return { within: (work) => context.with(late.outside, work), span: () => begin().span }
}

/**
 * Makes the request that is served part of the trace of a run, by the `traceparent` of its first
 * span: as that span's child, or linked to it where the caller has brought a trace of its own.
 */
export function joinTrace(run: string | undefined): void {
  const span = run === undefined ? undefined : spanContextOf(run)
  if (span !== undefined) lateAt(context.active())?.join(span)
}

/** The current span, if it is recorded. */
export function recordedSpan(): Span | undefined {
  const span = trace.getSpan(current())
  return span?.isRecording() === true ? span : undefined
}

/** Adds attributes to the current span. */
export function noteCurrent(attributes: () => Attributes): void {
  const span = recordedSpan()
  if (span !== undefined) note(span, attributes)
}

/** Whether anything that happens now is recorded. */
export const recording = (): boolean => recordedSpan() !== undefined

/** The context that came in a request's headers. */
export const contextFrom = (header: (name: string) => string | undefined): Context =>
  propagation.extract(context.active(), header, {
    get: (read, name) => read(name),
    keys: () => propagation.fields(),
  })

let capturing = false

/** Whether prompts and answers are part of spans. They are not, unless a process says so once. */
export const capturesContent = (): boolean => capturing

/** By the value of OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT. */
export function captureContent(value: string | undefined): void {
  capturing = ['true', 'span_only', 'span_and_event'].includes(value?.trim().toLowerCase() ?? '')
}
