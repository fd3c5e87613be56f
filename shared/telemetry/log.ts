/** The one logger of all services: a line for each request and step, and for each fault of our own. */
import { isSpanContextValid, type Span } from '@opentelemetry/api'

/** All that a line can hold. What has no name here is never written: no text of a run, no key, no header. */
export interface LogFields {
  method?: string
  route?: string
  status?: number
  /** Code of the problem that was answered. */
  problem?: string
  run_id?: string
  step?: string
  iteration?: number
  /** Highest reward of the run so far. */
  best?: number
  worst?: number
  stop_reason?: string
  replayed?: boolean
  ms?: number
  request_id?: string
  trace_id?: string
  span_id?: string
}

const names = [
  'method',
  'route',
  'status',
  'problem',
  'run_id',
  'step',
  'iteration',
  'best',
  'worst',
  'stop_reason',
  'replayed',
  'ms',
  'request_id',
  'trace_id',
  'span_id',
] as const satisfies readonly (keyof LogFields)[]

type Level = 'error' | 'info'

export interface Log {
  level: Level
  /** What happens every day; written where the level is `info`. */
  info: (event: 'request' | 'step', fields: () => LogFields) => void
  /** A fault of our own; always written. */
  error: (event: string, error: unknown, fields?: LogFields) => void
}

export interface LogOptions {
  level: Level
  /** Whether a person reads it, rather than a program. */
  human: boolean
  /** Takes a line without its end. */
  write: (line: string) => void
}

/** JSON, one object a line; for a person the same in short. */
export function createLog({ level, human, write }: LogOptions): Log {
  const put = (severity: Level, event: string, all: Record<string, unknown>) => {
    const time = new Date().toISOString()
    if (human) write(`${time.slice(11, 19)} ${inWords(event, all)}`)
    else write(JSON.stringify({ time, level: severity, event, ...all }))
  }
  return {
    level,
    info(event, fields) {
      if (level === 'info') put('info', event, known(fields()))
    },
    error: (event, error, fields = {}) =>
      put('error', event, { ...known(fields), ...fault(error) }),
  }
}

const known = (fields: LogFields): Record<string, unknown> =>
  Object.fromEntries(
    names.filter((name) => fields[name] !== undefined).map((name) => [name, fields[name]]),
  )

type Told = Record<string, unknown>

/** What a person wants to know of it, in one line; of a fault, with where it came about. */
function inWords(event: string, told: Told): string {
  const words = shortly[event]?.(told)
  if (words !== undefined) return words.filter((word) => word !== undefined).join('  ')
  const { stack, ...fields } = told
  const all = Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`)
  const frames = Array.isArray(stack) ? stack.map((frame) => `\n    ${String(frame)}`) : []
  return `${[event, ...all].join('  ')}${frames.join('')}`
}

const shortly: Record<string, (told: Told) => (string | undefined)[]> = {
  request: ({ method, route = '', status = 'left', problem, ms }) => [
    `${String(method)} ${String(route)}`.trim(),
    `${String(status)}${problem === undefined ? '' : ` ${String(problem)}`}`,
    `${String(ms)} ms`,
  ],
  step: ({ run_id, step, iteration, best, worst, stop_reason, replayed, ms }) => [
    `run ${String(run_id).slice(0, 8)}`,
    `${String(step)} ${String(iteration)}${replayed === true ? ' (as before)' : ''}`,
    typeof best === 'number' ? `best ${best.toFixed(2)}` : undefined,
    typeof worst === 'number' ? `worst ${worst.toFixed(2)}` : undefined,
    stop_reason === undefined ? undefined : `ends: ${String(stop_reason)}`,
    `${String(ms)} ms`,
  ],
}

/**
 * What may be told of an error: its class, its code, and where in our code it came about. Its
 * message may quote anything, such as the header or the text that something did not like.
 */
function fault(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error }
  const code = 'code' in error ? error.code : undefined
  // A word in capitals that begins a message is a code too, such as Redis's WRONGPASS.
  const word = /^[A-Z][A-Z_]+(?= )/.exec(error.message)?.[0]
  const told = typeof code === 'string' && /^[\w-]{1,64}$/.test(code) ? code : word
  const frames = (error.stack ?? '').split('\n').filter((line) => /^ +at /.test(line))
  return {
    error: error.name,
    ...(told !== undefined && { code: told }),
    stack: frames.slice(0, 20).map((line) => line.trim()),
  }
}

/** Of a span that is traced. */
export function traceIds(span: Span): Pick<LogFields, 'trace_id' | 'span_id'> {
  const ids = span.spanContext()
  return isSpanContextValid(ids) ? { trace_id: ids.traceId, span_id: ids.spanId } : {}
}
