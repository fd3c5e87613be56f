/** The policy behind an OpenAI-compatible server, through the openai SDK. */
import OpenAI from 'openai'
import { hostOf, limited } from '../upstream.ts'
import { adapt, type ChatParams } from './adapt.ts'
import { broken, policyProblem, unbroken } from './errors.ts'
import { estimateTokens, fitTokens } from './fit.ts'
import { modelList } from './models.ts'
import { modelUnknown, policyFinding } from './probe.ts'
import type { Choice, Drawn, DrawListener, DrawRequest, Policy, ServedModels } from './policy.ts'
import { collect } from './stream.ts'
import { ProblemError } from '../../shared/problems.ts'

export interface PolicyOptions {
  /** Where the server's `/chat/completions` is, usually ending in /v1. */
  baseUrl: string
  apiKey?: string
  /** The model to ask for where a run names none; the server's first if left out. */
  model?: string
  timeoutSeconds: number
  /** Milliseconds since the epoch. */
  clock: () => number
}

/** Of what may be retried: connections, 408, 409, 429 and 5xx. */
const retries = 2

/** One upstream request: `n` answers whose first has index `first`. */
interface Ask {
  first: number
  params: ChatParams
}

export function createPolicy(options: PolicyOptions): Policy {
  const { baseUrl, apiKey, timeoutSeconds } = options
  const host = hostOf(baseUrl)
  const client = new OpenAI({
    baseURL: baseUrl,
    // vLLM's own word for "none"; the other fields keep OPENAI_… of the environment out.
    apiKey: apiKey ?? 'EMPTY',
    adminAPIKey: null,
    organization: null,
    project: null,
    timeout: timeoutSeconds * 1000,
    maxRetries: retries,
    logLevel: 'off',
  })
  const models = modelList(client, options.clock)

  /** Runs one upstream call within the time limit; what it throws becomes a problem. */
  async function call<T>(
    signal: AbortSignal,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const limit = limited(signal, timeoutSeconds)
    try {
      return await run(limit.signal)
    } catch (error) {
      signal.throwIfAborted()
      models.forget()
      if (error instanceof ProblemError && !limit.timeout.aborted) throw error
      throw policyProblem(error, { host, apiKey, timeoutSeconds, timeout: limit.timeout })
    }
  }

  const list = (signal: AbortSignal, maxRetries = retries) =>
    call(signal, (limit) => models.list({ signal: limit, maxRetries }))

  /** The model to ask for, and its context length where the server tells. */
  async function resolveModel(asked: string | undefined, signal: AbortSignal) {
    const { models: served } = await list(signal)
    const id = asked ?? options.model ?? served[0]?.id
    if (id === undefined) throw modelUnknown(host)
    const contextLength = served.find((model) => model.id === id)?.max_model_len ?? undefined
    return { id, contextLength }
  }

  async function servedModels(signal: AbortSignal): Promise<ServedModels> {
    const listing = await list(signal)
    const first = listing.models.find(({ id }) => id === options.model)
    const rest = listing.models.filter(({ id }) => id !== options.model)
    const preferred = first ?? (options.model === undefined ? undefined : { id: options.model })
    const all = preferred === undefined ? rest : [preferred, ...rest]
    if (all.length === 0) throw modelUnknown(host)
    const complete = listing.answered === 'list'
    return { models: all, ids: all.map(({ id }) => id), complete }
  }

  function stream(
    { first, params }: Ask,
    listener: DrawListener,
    hidden: readonly string[],
    signal: AbortSignal,
  ) {
    return call(signal, async (limit) => {
      const chunks = await client.chat.completions.create(params, { signal: limit })
      const drawn = await collect(unbroken(chunks, host), first, listener, hidden)
      // The openai client ends an aborted stream as if it were complete.
      limit.throwIfAborted()
      if (drawn.choices.some((choice) => choice.finish_reason === '')) throw broken(host)
      return drawn
    })
  }

  /** The same, changed once for a server that refuses it as it is. */
  async function ask(
    request: Ask,
    ...rest: [DrawListener, readonly string[], AbortSignal]
  ): Promise<Drawn> {
    try {
      return await stream(request, ...rest)
    } catch (error) {
      const params = isRefusal(error) ? adapt(request.params, error.problem.detail) : undefined
      if (params === undefined) throw error
      return stream({ ...request, params }, ...rest)
    }
  }

  async function draw(
    request: DrawRequest,
    listener: DrawListener,
    signal: AbortSignal,
  ): Promise<Drawn> {
    const model = await resolveModel(request.model, signal)
    const { n, messages } = request
    const hidden = request.hidden_tags ?? []
    const single = (first: number): Ask => ({
      first,
      params: {
        ...request.extra_body,
        model: model.id,
        n: 1,
        messages: messages.map(({ role, content }) => ({ role, content })),
        temperature: request.temperature,
        top_p: request.top_p,
        max_tokens: fitTokens(request.max_tokens, model.contextLength, estimateTokens(messages)),
        seed: request.seed(first),
        stream: true,
        stream_options: { include_usage: true },
      },
    })
    const failed = new AbortController()
    const all = AbortSignal.any([signal, failed.signal])
    const drawOne = (index: number) => ask(single(index), listener, hidden, all)
    if (n === 1) return drawOne(0)

    const { params } = single(0)
    const begun = await ask({ first: 0, params: { ...params, n } }, listener, hidden, all).catch(
      // It may be `n` that the server refuses; a single request tells.
      (error: unknown) => (isRefusal(error) ? drawOne(0) : Promise.reject(error)),
    )
    const drawn = new Set(begun.choices.map(({ index }) => index))
    const missing = indexes(n).filter((index) => !drawn.has(index))
    try {
      return sum([begun, ...(await Promise.all(missing.map(drawOne)))])
    } catch (error) {
      // One failure fails the step: the others need not be paid for.
      failed.abort()
      throw error
    }
  }

  return {
    draw,
    models: servedModels,
    backend: { role: 'policy', server: host, speaks: 'openai' },
    async probe(signal) {
      models.forget()
      return policyFinding(await list(signal, 0), host, options.model)
    },
  }
}

/** The server understood the request and will not take it as it is. */
const isRefusal = (error: unknown): error is ProblemError =>
  error instanceof ProblemError && [400, 422].includes(error.problem.upstream_status ?? 0)

const indexes = (n: number): number[] => Array.from({ length: n }, (_, index) => index)

function sum(parts: readonly Drawn[]): Drawn {
  const total = (count: (part: Drawn) => number) =>
    parts.reduce((all, part) => all + count(part), 0)
  return {
    choices: parts.flatMap((part): Choice[] => part.choices).sort((a, b) => a.index - b.index),
    prompt_tokens: total((part) => part.prompt_tokens),
    completion_tokens: total((part) => part.completion_tokens),
    model_calls: total((part) => part.model_calls),
  }
}
