/** The policy behind an OpenAI-compatible server, through the openai SDK. */
import OpenAI, { APIError } from 'openai'
import { tracedFetch } from '../../shared/telemetry/traced.ts'
import { affinityHeader } from '../affinity.ts'
import { createLanes } from '../lanes.ts'
import {
  backoff,
  mostRetries,
  pause,
  type RetryLimit,
  retrying,
  type RetryTools,
} from '../retry.ts'
import { observedChat } from '../telemetry/chat.ts'
import { serverAttributes } from '../telemetry/server.ts'
import { addressOf, limited } from '../upstream.ts'
import { adapt, type ChatParams } from './adapt.ts'
import { attempted, passingBreak } from './attempt.ts'
import { broken, policyProblem, streamFault } from './errors.ts'
import { estimateTokens, fitTokens } from './fit.ts'
import { type ListingMemory, modelList } from './models.ts'
import { operatorsNames, type PolicyNames } from './names.ts'
import { modelUnknown, policyFinding } from './probe.ts'
import type { Choice, Drawn, DrawListener, DrawRequest, Policy, ServedModels } from './policy.ts'
import { retelling } from './redraw.ts'
import { type Collected, collect } from './stream.ts'
import { ProblemError } from '../../shared/problems.ts'

export interface PolicyOptions {
  /** Where the server's `/chat/completions` is, usually ending in /v1. */
  baseUrl: string
  apiKey?: string
  /** The model to ask for where a run names none; the server's first if left out. */
  model?: string
  timeoutSeconds: number
  /** How many requests of one draw may wait for the head of their answer at a time. */
  connections?: number
  /** Milliseconds since the epoch. */
  clock: () => number
  /** What problems call its settings; those of the service if left out. */
  names?: PolicyNames
  /** Of its models; its own if left out. */
  memory?: ListingMemory
  /** Waits before a retry; the runtime's timers if left out. */
  pause?: RetryTools['pause']
}

/** More than there are kinds of refusals that `adapt` knows, and a server may correct a number twice. */
const mostChanges = 6

/** One upstream request: `n` answers whose first has index `first`. */
interface Ask {
  first: number
  params: ChatParams
}

/** What came of a request, and the request as the server took it. */
interface Asked extends Collected {
  params: ChatParams
  /** Why some of its choices were not finished. */
  failure?: ProblemError
  /** The same request may bring them. */
  again?: boolean
}

/** What the requests of one draw share. */
interface Drawing {
  listener: DrawListener
  hidden: readonly string[]
  affinity: string
}

/** The time one call has, and what an error in it means. */
interface Call extends RetryLimit {
  explain: (error: unknown) => unknown
}

export function createPolicy(options: PolicyOptions): Policy {
  const { apiKey, clock, timeoutSeconds, names = operatorsNames, memory = {} } = options
  const address = addressOf(options.baseUrl, apiKey)
  const { host, authorization } = address
  const server = serverAttributes(address.url)
  const tools: RetryTools = { clock, pause: options.pause ?? pause }
  const client = new OpenAI({
    baseURL: address.url,
    // vLLM's own word for "none"; the other fields keep OPENAI_… of the environment out.
    apiKey: apiKey ?? 'EMPTY',
    adminAPIKey: null,
    organization: null,
    project: null,
    defaultHeaders: authorization === undefined ? {} : { authorization },
    timeout: timeoutSeconds * 1000,
    // retry.ts does.
    maxRetries: 0,
    fetch: tracedFetch,
    // Nobody has looked at the address that a redirect leads to.
    fetchOptions: { redirect: 'manual' },
    logLevel: 'off',
  })
  const models = modelList(client, clock, memory)

  /** Runs one upstream call within the time limit; what it throws becomes a problem. */
  function call<T>(caller: AbortSignal, run: (call: Call) => Promise<T>): Promise<T> {
    const until = clock() + timeoutSeconds * 1000
    return limited(caller, timeoutSeconds, async ({ signal, timedOut }) => {
      const explain = (error: unknown) => {
        caller.throwIfAborted()
        models.forget()
        if (error instanceof ProblemError && !timedOut()) return error
        const now = clock()
        return policyProblem(error, {
          ...address,
          names,
          timeoutSeconds,
          timedOut: timedOut(),
          now,
        })
      }
      try {
        return await run({ signal, until, explain })
      } catch (error) {
        throw explain(error)
      }
    })
  }

  const askForList = (signal: AbortSignal, again = true) =>
    call(signal, (limit) => {
      const once = () => models.ask({ signal: limit.signal })
      return again ? retrying(() => attempted(once, clock), tools, limit) : once()
    })

  const list = async (signal: AbortSignal) => models.kept() ?? (await askForList(signal))

  /** The model to ask for, and its context length where the server tells. */
  async function resolveModel(asked: string | undefined, signal: AbortSignal) {
    const { models: served } = await list(signal)
    const id = asked ?? options.model ?? served[0]?.id
    if (id === undefined) throw modelUnknown(host, names)
    const contextLength = served.find((model) => model.id === id)?.max_model_len ?? undefined
    return { id, contextLength }
  }

  async function servedModels(signal: AbortSignal): Promise<ServedModels> {
    const listing = await list(signal)
    const first = listing.models.find(({ id }) => id === options.model)
    const rest = listing.models.filter(({ id }) => id !== options.model)
    const preferred = first ?? (options.model === undefined ? undefined : { id: options.model })
    const all = preferred === undefined ? rest : [preferred, ...rest]
    if (all.length === 0) throw modelUnknown(host, names)
    const complete = listing.answered === 'list'
    return { models: all, ids: all.map(({ id }) => id), complete }
  }

  /**
   * One request, changed as the server wants it where it refuses it. `taken` hears of the request
   * that it took.
   */
  function ask(
    { first, params }: Ask,
    { listener, hidden, affinity }: Drawing,
    signal: AbortSignal,
    taken: (params: ChatParams) => void,
  ): Promise<Asked> {
    return call(signal, async (limit) => {
      const headers = { [affinityHeader]: affinity }
      const create = (asked: ChatParams) => () =>
        client.chat.completions.create(asked, { signal: limit.signal, headers })
      let asked = params
      for (let changes = 0; ; changes++) {
        const sent = asked
        try {
          return await observedChat(sent, server, signal, async ({ attempt, opened }) => {
            const send = () => attempted(() => attempt(create(sent)), clock)
            const chunks = await retrying(send, tools, limit)
            taken(sent)
            const collected = await collect(chunks, first, listener, hidden, opened)
            return { ...finished(collected, limit), params: sent }
          })
        } catch (error) {
          const changed = changes < mostChanges ? changedFor(error, asked) : undefined
          if (changed === undefined) throw error
          asked = changed
        }
      }
    })
  }

  /** The finished choices of a stream; where it broke before others were, with the reason. */
  function finished(collected: Collected, { signal, explain }: Call): Omit<Asked, 'params'> {
    const choices = collected.choices.filter(({ finish_reason }) => finish_reason !== '')
    const whole = choices.length === collected.choices.length
    if (whole && collected.broke === undefined && !signal.aborted) return collected
    // The openai client ends an aborted stream as if it were complete.
    const { broke } = collected
    const ended = () => (signal.aborted ? signal.reason : broken(host))
    const reason = broke === undefined ? ended() : streamFault(broke.error, host)
    const failure = explain(reason)
    if (!(failure instanceof ProblemError)) throw failure
    return { ...collected, choices, failure, again: !signal.aborted && passingBreak(reason) }
  }

  async function draw(
    request: DrawRequest,
    listener: DrawListener,
    signal: AbortSignal,
  ): Promise<Drawn> {
    const model = await resolveModel(request.model, signal)
    const { n, messages, affinity } = request
    const hidden = request.hidden_tags ?? []
    const params: ChatParams = {
      ...request.extra_body,
      model: model.id,
      n,
      messages: messages.map(({ role, content }) => ({ role, content })),
      temperature: request.temperature,
      top_p: request.top_p,
      max_tokens: fitTokens(request.max_tokens, model.contextLength, estimateTokens(messages)),
      seed: request.seed?.(0),
      stream: true,
      stream_options: { include_usage: true },
    }
    const enter = createLanes(options.connections)
    const failures: unknown[] = []
    const failed = (error: unknown) => {
      failures.push(error)
      return []
    }
    /** A request that waits for its turn before its time begins. */
    const queued = async (
      one: Ask,
      drawing: Drawing,
      taken: (params: ChatParams) => void = () => undefined,
    ) => {
      const leave = await enter()
      const begun = (params: ChatParams) => {
        leave()
        taken(params)
      }
      return ask(one, drawing, signal, begun).finally(leave)
    }
    /**
     * A request that is sent again where its stream breaks. As it was, for servers make the seeds of
     * `n` answers each in its own way: only so do the answers that are missing come as they would
     * have. Throws where not one choice was finished.
     */
    const whole = async (one: Ask, taken?: (params: ChatParams) => void): Promise<Asked> => {
      const { listener: told, restart } = retelling(listener)
      const drawing = { listener: told, hidden, affinity }
      let asked = await queued(one, drawing, taken)
      for (let retried = 0; retried < mostRetries && lacks(asked); retried++) {
        // At once: where it broke, a balancer sends it elsewhere.
        if (retried > 0) await tools.pause(backoff(retried - 1, Math.random()), signal)
        restart()
        const { params } = asked
        const more = await queued({ ...one, params }, drawing).catch(problemOnly)
        if (more instanceof ProblemError) break
        asked = joined(asked, more)
      }
      if (asked.choices.length === 0 && asked.failure !== undefined) throw asked.failure
      return asked
    }
    /** One request per index, all at once, as a request that the server took. */
    const askEach = async (indexes: readonly number[], like: ChatParams): Promise<Asked[]> => {
      const parts = indexes.map((first) => {
        const seed = like.seed === undefined ? undefined : request.seed?.(first)
        return whole({ first, params: { ...like, n: 1, seed } }).catch(failed)
      })
      return (await Promise.all(parts)).flat()
    }

    let others: Promise<Asked[]> | undefined
    const begun = await whole({ first: 0, params }, (taken) => {
      // The server does without `n`: the others need not wait for the end of the first.
      if (n > 1 && taken.n === 1) others = askEach(range(1, n), taken)
    }).catch(failed)
    const parts = [begun, (await others) ?? []].flat()
    const [first] = parts
    // A server that answers fewer choices than it was asked for is asked for the others one by one.
    if (n > 1 && first !== undefined && others === undefined && first.failure === undefined) {
      const drawn = new Set(first.choices.map(({ index }) => index))
      const missing = range(0, n).filter((index) => !drawn.has(index))
      parts.push(...(await askEach(missing, first.params)))
    }
    signal.throwIfAborted()
    const unexpected = failures.find((error) => !(error instanceof ProblemError))
    if (unexpected !== undefined) throw unexpected
    const reasons = [...failures, ...parts.flatMap(({ failure }) => failure ?? [])]
    if (parts.length === 0) throw reasons[0]
    return sum(parts, request, reasons)
  }

  return {
    draw,
    models: servedModels,
    backend: { role: 'policy', server: host, speaks: 'openai' },
    address: names.address,
    async probe(signal) {
      models.forget()
      return policyFinding(await askForList(signal, false), host, names, options.model)
    },
  }
}

/** The request as a server that understood it and refused it may take it. */
function changedFor(error: unknown, params: ChatParams): ChatParams | undefined {
  const refused = error instanceof APIError && [400, 422].includes(error.status)
  return refused ? adapt(params, error.message) : undefined
}

function problemOnly(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  throw error
}

/** Whether answers are missing that the same request may bring. */
const lacks = ({ choices, params, again = false }: Asked): boolean =>
  again && choices.length < params.n

/** Two draws of one request. What was finished first is what was told. */
function joined(first: Asked, second: Asked): Asked {
  const choices = new Map<number, Choice>(second.choices.map((one) => [one.index, one]))
  for (const one of first.choices) {
    // The same answer of a draw that came to its end has its tokens counted by the server.
    const { content, reasoning } = choices.get(one.index) ?? {}
    if (content !== one.content || reasoning !== one.reasoning) choices.set(one.index, one)
  }
  return {
    ...second,
    choices: [...choices.values()],
    prompt_tokens: first.prompt_tokens + second.prompt_tokens,
    completion_tokens: first.completion_tokens + second.completion_tokens,
    model_calls: first.model_calls + second.model_calls,
  }
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index)

function sum(
  parts: readonly Asked[],
  { n, seed }: DrawRequest,
  failures: readonly unknown[],
): Drawn {
  const total = (count: (part: Asked) => number) =>
    parts.reduce((all, part) => all + count(part), 0)
  const choices = parts.flatMap((part) => part.choices).sort((a, b) => a.index - b.index)
  const failure = failures.find((error) => error instanceof ProblemError)
  return {
    choices,
    missing: n - choices.length,
    ...(failure && { failure: failure.problem }),
    seedless: seed !== undefined && parts.some(({ params }) => params.seed === undefined),
    prompt_tokens: total((part) => part.prompt_tokens),
    completion_tokens: total((part) => part.completion_tokens),
    model_calls: total((part) => part.model_calls),
  }
}
