/** Typed client of the HTTP API; runs wherever there is `fetch`. */
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { z } from 'zod'
import { BackendsAnswer } from './backends.ts'
import { RunDone, StepDone, StreamEvent } from './events.ts'
import { Job, JobPage, type JobQuery, type JobRequest } from './jobs.ts'
import { policyKeyHeader, policyUrlHeader } from './policy-url.ts'
import { Problem, ProblemError } from './problems.ts'
import {
  type Edit,
  Estimate,
  InspectAnswer,
  Position,
  Readiness,
  RunAnswer,
  type RunRequest,
  type StartRequest,
  StepAnswer,
} from './tpo.ts'

export { drive } from './drive.ts'
export type { TakeStep } from './drive.ts'
export { ProblemError } from './problems.ts'
export type { Problem, ProblemCode } from './problems.ts'
export type { BackendsAnswer, BackendStatus } from './backends.ts'
export type { StreamEvent } from './events.ts'
export type { StopReason } from './stop.ts'
export type * from './tpo.ts'
export type { Job, JobPage, JobQuery, JobRequest, JobResult } from './jobs.ts'

/** The API was not reached, or the connection broke before its answer was complete. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
}

export interface TpoClientOptions {
  /** Where the API is, such as http://localhost:7860 (its page's address). */
  baseUrl: string
  apiKey?: string
  /** The policy that runs name by `policy.base_url`, and its key, which then goes nowhere else. */
  policy?: { baseUrl: string; key?: string }
  fetch?: typeof globalThis.fetch
}

export interface CallOptions {
  signal?: AbortSignal
  /** Asks for a stream and receives every event of it as it comes. */
  onEvent?: (event: StreamEvent) => void
}

export interface BackendsOptions extends CallOptions {
  /** Look at this policy in the place of the configured one. */
  policyBaseUrl?: string
}

export interface StepOptions extends CallOptions {
  /** Changes the run just before the step. */
  edit?: Edit
}

export class TpoClient {
  readonly #options: TpoClientOptions

  constructor(options: TpoClientOptions) {
    this.#options = options
  }

  /** A new run; no model is called. */
  start(request: StartRequest, options: CallOptions = {}): Promise<Position> {
    return this.#call('/v1/tpo/start', request, Position, options)
  }

  /** Takes the step that is next. The same cursor and edit always ask for the same step. */
  step(cursor: string, options: StepOptions = {}): Promise<StepAnswer> {
    const { edit, ...call } = options
    return call.onEvent === undefined
      ? this.#call('/v1/tpo/step', { cursor, edit }, StepAnswer, call)
      : this.#stream('/v1/tpo/step', { cursor, edit }, StepDone, call)
  }

  /** A whole run, from settings or from a cursor, to its end or `until` a step. */
  run(request: RunRequest, options: CallOptions = {}): Promise<RunAnswer> {
    return options.onEvent === undefined
      ? this.#call('/v1/tpo/run', request, RunAnswer, options)
      : this.#stream('/v1/tpo/run', request, RunDone, options)
  }

  /** What a cursor holds, readable; no model is called. */
  inspect(cursor: string, options: CallOptions = {}): Promise<InspectAnswer> {
    return this.#call('/v1/tpo/inspect', { cursor }, InspectAnswer, options)
  }

  /** What a run would take, before it starts; no model is called. */
  estimate(request: StartRequest, options: CallOptions = {}): Promise<Estimate> {
    return this.#call('/v1/tpo/estimate', request, Estimate, options)
  }

  /** Many questions for an engine that works on them by itself; the same id and body are the same job. */
  submitJob(request: JobRequest, options: CallOptions = {}): Promise<Job> {
    return this.#call('/v1/tpo/jobs', request, Job, options)
  }

  /** How far a job is, with a page of its results. */
  async job(id: string, query: JobQuery = {}, { signal }: CallOptions = {}): Promise<JobPage> {
    const page = new URLSearchParams(
      Object.entries(query).map(([name, value]) => [name, String(value)]),
    )
    const response = await this.#fetch(`/v1/tpo/jobs/${encodeURIComponent(id)}?${page}`, { signal })
    return JobPage.parse(await response.json())
  }

  /** Ends a job; the results it has are kept. */
  cancelJob(id: string, options: CallOptions = {}): Promise<Job> {
    return this.#call(`/v1/tpo/jobs/${encodeURIComponent(id)}/cancel`, {}, Job, options)
  }

  /** The policy and the reward model: whether they can be used now, and what to do if not. */
  async backends({ signal, policyBaseUrl }: BackendsOptions = {}): Promise<BackendsAnswer> {
    const query =
      policyBaseUrl === undefined
        ? ''
        : `?${new URLSearchParams({ policy_base_url: policyBaseUrl })}`
    const response = await this.#fetch(`/v1/backends${query}`, { signal })
    return BackendsAnswer.parse(await response.json())
  }

  /** Whether the API can serve, and how its backends are. */
  async ready(options: CallOptions = {}): Promise<Readiness> {
    const response = await this.#fetch('/readyz', { signal: options.signal })
    return Readiness.parse(await response.json())
  }

  async #call<S extends z.ZodType>(
    path: string,
    body: unknown,
    schema: S,
    options: CallOptions,
  ): Promise<z.output<S>> {
    const response = await this.#post(path, body, 'application/json', options)
    return schema.parse(await response.json())
  }

  async #stream<S extends z.ZodType>(
    path: string,
    body: unknown,
    done: S,
    options: CallOptions,
  ): Promise<z.output<S>> {
    const response = await this.#post(path, body, 'text/event-stream', options)
    if (response.body === null) throw new Error('the answer has no body')
    // A reader, because Safari cannot iterate a stream.
    const messages = response.body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream())
      .getReader()
    try {
      for (;;) {
        const { value: message } = await connected(messages.read(), options.signal)
        if (message === undefined || message.data === '[DONE]') break
        const data: unknown = JSON.parse(message.data)
        if (message.event === 'done') return done.parse(data)
        const event = StreamEvent.parse(data)
        if (event.type === 'error') throw new ProblemError(event.problem)
        options.onEvent?.(event)
      }
    } finally {
      messages.cancel().catch(() => undefined)
    }
    throw new ConnectionError('the connection ended before the answer was complete')
  }

  async #post(
    path: string,
    body: unknown,
    accept: string,
    options: CallOptions,
  ): Promise<Response> {
    return this.#fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify(body),
      signal: options.signal,
    })
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const { baseUrl, apiKey, policy, fetch = globalThis.fetch } = this.#options
    const headers = new Headers(init.headers)
    if (apiKey !== undefined) headers.set('authorization', `Bearer ${apiKey}`)
    if (policy?.key !== undefined) {
      headers.set(policyKeyHeader, policy.key)
      headers.set(policyUrlHeader, policy.baseUrl)
    }
    const url = new URL(path, baseUrl)
    const response = await connected(fetch(url, { ...init, headers }), init.signal)
    if (!response.ok) throw await failure(response)
    return response
  }
}

/** A failure of the network as a `ConnectionError`; an abort stays what it is. */
async function connected<T>(work: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  try {
    return await work
  } catch (error) {
    signal?.throwIfAborted()
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error
    throw new ConnectionError(`the connection failed: ${String(reason)}`, { cause: error })
  }
}

async function failure(response: Response): Promise<Error> {
  const text = await response.text()
  try {
    return new ProblemError(Problem.parse(JSON.parse(text)))
  } catch {
    return new Error(`HTTP ${response.status} from ${response.url}: ${text.slice(0, 200)}`)
  }
}
