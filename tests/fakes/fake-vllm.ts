/**
 * A fake of a vLLM server, for models too large for a test: speaks vLLM's streaming chat protocol,
 * writes text that depends only on messages, seed and index, records what it was asked, and
 * misbehaves on demand.
 */
import { Hono } from 'hono'
import { z } from 'zod'
import { listen, type NodeEnv, type Server } from './listen.ts'

const ChatRequest = z.looseObject({
  model: z.string(),
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  n: z.number().int().default(1),
  seed: z.number().int().optional(),
  max_tokens: z.number().int().optional(),
  max_completion_tokens: z.number().int().optional(),
  stream: z.literal(true),
  stream_options: z.object({ include_usage: z.literal(true) }),
})
export type ChatRequest = z.infer<typeof ChatRequest>

export interface Written {
  content: string
  reasoning?: string
  reasoning_content?: string
  finish_reason?: string
}

/** A stream that goes on to its end, or how it does not; `trickle` sends a token now and then, for ever. */
type Break = 'whole' | 'drop' | 'error' | 'end' | 'hang' | 'trickle' | 'garbage'

const trickleMs = 20

export interface Behaviour {
  /** The key it wants; none if left out. */
  key?: string
  /** What the model writes instead of its usual text. */
  write?: (request: ChatRequest, index: number) => Written | string
  /** Answers one choice, whatever was asked. */
  ignoresN?: boolean
  refusesN?: boolean
  refusesSystem?: boolean
  refusesSeed?: boolean
  wantsMaxCompletionTokens?: boolean
  /** Answers no choices at all. */
  noChoices?: boolean
  /** Answers this status instead, the given number of times (always, if left out). */
  status?: number | ((request: ChatRequest) => number | undefined)
  times?: number
  message?: string
  /** How a refusal's body is shaped; OpenAI's `{error: {message}}` if left out. */
  body?: (message: string) => unknown
  /** The `Retry-After` of a refusal; at once if left out. */
  retryAfter?: string | null
  /** Answers nothing at all, not even headers. */
  hangs?: boolean
  /** What happens after the first deltas; of a list, to the first, second, … request. */
  midStream?: Break | readonly Break[]
  /** The code of an error in the stream; 500 if left out. */
  errorCode?: number
  /** How many of a stream's events come before that; one more than there are choices, if left out. */
  after?: number
  withoutUsage?: boolean
  /** Answers only once this is over. */
  held?: Promise<void>
  /** Goes on after the first deltas only once this is over. */
  halted?: Promise<void>
  /** What its list of models is instead; `hang` never answers. */
  models?: 'hang' | { status: number; body: string }
  /** Characters of one delta, about a token's if left out. */
  deltaLength?: number
  /** Says that it is not well, and answers all the same. */
  unwell?: boolean
  /** How fast each choice is written, in deltas a second; all at once if left out. */
  pace?: number
}

export interface FakeVllm extends Server {
  requests: ChatRequest[]
  /** How often its models were listed. */
  listed: () => number
  /** What came with each request in its Authorization header. */
  keys: string[]
  /** The `traceparent` of each request. */
  traces: string[]
  /** The `X-TPO-Affinity` of each request. */
  affinities: string[]
  behave: (behaviour: Behaviour) => void
  /** Resolves when a caller has left in the middle of an answer. */
  abandoned: () => Promise<void>
  /** Resolves when so many chat requests have come, one if left out. */
  asked: (count?: number) => Promise<void>
}

/** FNV-1a, in hex: enough for texts that differ. */
export function digest(text: string): string {
  let hash = 0x811c9dc5
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193)
  return (hash >>> 0).toString(16).padStart(8, '0')
}

function usualText(request: ChatRequest, index: number): string {
  const id = digest(JSON.stringify([request.messages, request.seed, index]))
  const wantsTags = request.messages.at(-1)?.content.includes('between <answer> and </answer>')
  return wantsTags ? `<answer>Improved answer ${id}.</answer>` : `Text ${id}.`
}

export interface FakeVllmOptions {
  model?: string
  maxModelLen?: number
  /** Of an earlier one; a free one if left out. */
  port?: number
}

export async function startFakeVllm(options: FakeVllmOptions = {}): Promise<FakeVllm> {
  const { model = 'fake-70b', maxModelLen = 8192, port } = options
  const requests: ChatRequest[] = []
  const keys: string[] = []
  const traces: string[] = []
  const affinities: string[] = []
  let listed = 0
  let behaviour: Behaviour = {}
  let left = Promise.withResolvers<void>()
  let waiting: { count: number; resolve: () => void }[] = []
  const app = new Hono<NodeEnv>()

  const forget = () => {
    requests.length = 0
    affinities.length = 0
    left = Promise.withResolvers()
    waiting = []
  }

  const asked = (count = 1) =>
    new Promise<void>((resolve) => {
      if (requests.length >= count) resolve()
      else waiting.push({ count, resolve })
    })

  const refuse = (status: number, message: string) => {
    const usual = { error: { message, type: 'BadRequestError', param: null, code: status } }
    // Retries come at once.
    const { body = () => usual, retryAfter = '0' } = behaviour
    const headers = new Headers(retryAfter === null ? {} : { 'retry-after': retryAfter })
    const answer = body(message)
    if (typeof answer === 'string') return new Response(answer, { status, headers })
    return Response.json(answer, { status, headers })
  }

  app.use('/v1/*', async (c, next) => {
    const { key } = behaviour
    if (key === undefined || c.req.header('authorization') === `Bearer ${key}`) return next()
    return Response.json({ error: 'Unauthorized' }, { status: 401 })
  })

  app.get('/health', (c) => c.body(null, behaviour.unwell ? 503 : 200))

  app.get('/v1/models', () => {
    listed++
    const { models } = behaviour
    if (models === 'hang') return new Promise<Response>(() => undefined)
    if (models !== undefined) {
      const type = models.body.startsWith('{') ? 'application/json' : 'text/html'
      return new Response(models.body, { status: models.status, headers: { 'content-type': type } })
    }
    return Response.json({
      object: 'list',
      data: [
        {
          id: model,
          object: 'model',
          created: 0,
          owned_by: 'vllm',
          root: model,
          parent: null,
          max_model_len: maxModelLen,
        },
      ],
    })
  })

  // Not vLLM's: for tests whose runtime has no other way to ask.
  app.get('/asked', async (c) => {
    await asked()
    return c.text('yes')
  })
  app.get('/abandoned', async (c) => {
    await left.promise
    return c.text('yes')
  })
  app.delete('/abandoned', (c) => {
    forget()
    return c.text('yes')
  })

  app.post('/v1/chat/completions', async (c) => {
    const request = ChatRequest.parse(await c.req.json())
    requests.push(request)
    keys.push(c.req.header('authorization') ?? '')
    traces.push(c.req.header('traceparent') ?? '')
    affinities.push(c.req.header('x-tpo-affinity') ?? '')
    for (const { count, resolve } of waiting) if (count <= requests.length) resolve()
    if (behaviour.hangs) {
      c.req.raw.signal.addEventListener('abort', () => left.resolve())
      return new Promise<Response>(() => undefined)
    }
    const { message = 'The fake was told to refuse.' } = behaviour
    const status =
      typeof behaviour.status === 'function' ? behaviour.status(request) : behaviour.status
    if (status !== undefined && (behaviour.times ?? 1) > 0) {
      if (behaviour.times !== undefined) behaviour.times--
      return refuse(status, message)
    }
    const wrong = refusal(request, behaviour, { model, maxModelLen })
    if (wrong !== undefined) return refuse(wrong.status, wrong.message)

    const { midStream = 'whole' } = behaviour
    const cut = typeof midStream === 'string' ? midStream : midStream[requests.length - 1]
    const events = stream(request, behaviour)
    await behaviour.held
    const encoder = new TextEncoder()
    let trickle: ReturnType<typeof setInterval> | undefined
    const body = new ReadableStream({
      async start(controller) {
        const send = (data: string) => controller.enqueue(encoder.encode(`data: ${data}\n\n`))
        const after = behaviour.after ?? request.n + 1
        for (const event of events.slice(0, after)) send(JSON.stringify(event))
        if (cut === 'whole') {
          await behaviour.halted
          const rest = events.slice(after)
          await inPace(rest, behaviour.pace, request.n, (event) => send(JSON.stringify(event)))
          send('[DONE]')
          return controller.close()
        }
        if (cut === 'error') {
          const { message = 'EngineDeadError', errorCode: code = 500 } = behaviour
          const error = { message, code }
          send(JSON.stringify({ error }))
        }
        if (cut === 'garbage') send('{"choices": [')
        if (cut === 'error' || cut === 'end' || cut === 'garbage') return controller.close()
        if (cut === 'trickle') {
          const token = {
            ...head(request),
            choices: [{ index: request.n - 1, delta: { content: '.' } }],
          }
          trickle = setInterval(() => send(JSON.stringify(token)), trickleMs)
        }
        // Only once the headers and first chunks are on their way.
        if (cut === 'drop') setImmediate(() => c.env.outgoing.destroy())
        return undefined
      },
      cancel() {
        clearInterval(trickle)
        left.resolve()
      },
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } })
  })

  const server = await listen(app, port)
  return {
    ...server,
    url: `${server.url}/v1`,
    requests,
    keys,
    traces,
    affinities,
    listed: () => listed,
    behave(next) {
      behaviour = next
      forget()
    },
    abandoned: () => left.promise,
    asked,
  }
}

function refusal(
  request: ChatRequest,
  behaviour: Behaviour,
  { model, maxModelLen }: { model: string; maxModelLen: number },
): { status: number; message: string } | undefined {
  const { messages, max_tokens = 0, n } = request
  if (request.model !== model) {
    return { status: 404, message: `The model \`${request.model}\` does not exist.` }
  }
  if (behaviour.refusesN && n > 1) return { status: 400, message: 'Only n = 1 is supported.' }
  if (behaviour.refusesSeed && request.seed !== undefined) {
    return { status: 422, message: 'body.seed: Extra inputs are not permitted' }
  }
  if (behaviour.refusesSystem && messages.some(({ role }) => role === 'system')) {
    return { status: 400, message: 'System role not supported' }
  }
  if (behaviour.wantsMaxCompletionTokens && request.max_tokens !== undefined) {
    return {
      status: 400,
      message:
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    }
  }
  const prompt = promptTokens(request)
  if (prompt + max_tokens > maxModelLen) {
    return {
      status: 400,
      message: `'max_tokens' or 'max_completion_tokens' is too large: ${max_tokens}. This model's maximum context length is ${maxModelLen} tokens and your request has ${prompt} input tokens (${max_tokens} > ${maxModelLen} - ${prompt}).`,
    }
  }
  return undefined
}

/** Sends the events, each `together` of which are one delta of every choice. */
async function inPace(
  events: readonly object[],
  pace: number | undefined,
  together: number,
  send: (event: object) => void,
): Promise<void> {
  const since = performance.now()
  for (const [at, event] of events.entries()) {
    if (pace !== undefined && at % together === 0) {
      const due = since + (at / together / pace) * 1000
      await new Promise((done) => setTimeout(done, due - performance.now()))
    }
    send(event)
  }
}

/** As a tokenizer with four characters per token would count. */
const promptTokens = ({ messages }: ChatRequest) =>
  messages.reduce((sum, { content }) => sum + Math.ceil(content.length / 4) + 4, 0)

const head = ({ model }: ChatRequest) => ({
  id: 'chatcmpl-fake',
  object: 'chat.completion.chunk',
  created: 0,
  model,
})

function stream(request: ChatRequest, behaviour: Behaviour): object[] {
  const { write = usualText, deltaLength = 4 } = behaviour
  const pieces = new RegExp(`[^]{1,${deltaLength}}`, 'gu')
  const count = behaviour.noChoices ? 0 : behaviour.ignoresN ? 1 : request.n
  const chunk = (index: number, delta: object, finish_reason: string | null = null) => ({
    ...head(request),
    choices: [{ index, delta, logprobs: null, finish_reason }],
  })
  const all = Array.from({ length: count }, (_, index) => {
    const written = write(request, index)
    const { finish_reason = 'stop', ...fields } =
      typeof written === 'string' ? { content: written } : written
    // vLLM sends thinking before content, a token at a time.
    const deltas = (['reasoning', 'reasoning_content', 'content'] as const).flatMap(
      (field) => (fields[field] ?? '').match(pieces)?.map((piece) => ({ [field]: piece })) ?? [],
    )
    return [
      chunk(index, { role: 'assistant', content: '' }),
      ...deltas.map((delta) => chunk(index, delta)),
      chunk(index, {}, finish_reason),
    ]
  })
  const longest = Math.max(0, ...all.map((chunks) => chunks.length))
  // Choices advance together, as a batch decodes them.
  const events: object[] = Array.from({ length: longest }, (_, row) =>
    all.flatMap((chunks) => chunks[row] ?? []),
  ).flat()
  if (behaviour.withoutUsage) return events
  const prompt_tokens = promptTokens(request)
  const completion_tokens = all.reduce((sum, chunks) => sum + chunks.length - 1, 0)
  const usage = {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
  }
  return [...events, { ...head(request), choices: [], usage }]
}
