/**
 * A fake of a vLLM server and a reward service that take their time. How long an answer gets
 * depends only on messages, seed and index, so that the same work can be done in another order;
 * "Question 1" and "Question 2" are the same work.
 */
import { Hono } from 'hono'
import { z } from 'zod'
import { RewardsRequest } from '../../shared/rewards.ts'
import { usualReward } from './fake-reward.ts'
import { digest } from './fake-vllm.ts'
import { listen, type NodeEnv, type Server } from './listen.ts'

/** Times in milliseconds. */
export interface Pace {
  /** Until the first token, and between tokens. */
  first: number
  token: number
  /** Tokens that come in one delta. */
  tokensPerDelta: number
  /** How many answers are written at once; requests wait their turn. */
  sequences: number
  /** Tokens of an answer: log-normal. */
  medianTokens: number
  sigma: number
  /** One forward pass of the reward model, and each token in it; one pass at a time. */
  pass: number
  passToken: number
}

export const ChatBody = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.string() })),
  n: z.number().int().default(1),
  seed: z.number().int(),
})
export type ChatBody = z.infer<typeof ChatBody>

/** As a tokenizer with four characters per token would count. */
const tokensOf = (text: string) => Math.ceil(text.length / 4)

/** Evenly in 0 … 1, by the text alone. */
const chance = (text: string) => (Number.parseInt(digest(text), 16) + 0.5) / 2 ** 32

const nameOf = ({ messages, seed }: ChatBody) =>
  digest(JSON.stringify([messages, seed]).replaceAll(/Question \d+/g, ''))

/** Tokens of each answer to a request. */
export function lengths(body: ChatBody, pace: Pace): number[] {
  const asked = nameOf(body)
  return Array.from({ length: body.n }, (_, index) => {
    // Box and Muller.
    const radius = Math.sqrt(-2 * Math.log(chance(`radius ${index} ${asked}`)))
    const normal = radius * Math.cos(2 * Math.PI * chance(`angle ${index} ${asked}`))
    return Math.max(4, Math.round(pace.medianTokens * Math.exp(pace.sigma * normal)))
  })
}

/** How long answers of so many tokens take, once they are begun. */
export const writing = (tokens: number, { first, token }: Pace) => first + token * tokens

/** How long one forward pass over these conversations takes; the prompt is read once. */
export const passing = (prompt: string, candidates: readonly string[], pace: Pace) =>
  pace.pass +
  pace.passToken * [prompt, ...candidates].reduce((sum, text) => sum + tokensOf(text), 0)

/** The text of an answer. */
export function textOf(body: ChatBody, index: number, tokens: number): string {
  return `${nameOf(body)} ${index} `.padEnd(4 * tokens, 'word ').slice(0, 4 * tokens)
}

export const promptOf = (messages: readonly { content: string }[]) =>
  messages.map(({ content }) => content).join('\n')

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Both on one address. */
export function startPacedModels(pace: Pace): Promise<Server> {
  const app = new Hono<NodeEnv>()
  const encoder = new TextEncoder()
  const asked: ChatBody[] = []
  // When each place is or was free: this process may hear of it late, a GPU does not.
  const free: number[] = Array<number>(pace.sequences).fill(0)
  const turns: { asked: number; begin: (began: number) => void }[] = []

  const beginNext = () => {
    while (free.length > 0) {
      const next = turns.shift()
      if (next === undefined) return
      next.begin(Math.max(next.asked, free.shift() ?? 0))
    }
  }

  /** The answers of a request are written each in its turn, as vLLM has it; when this one is begun. */
  const turn = () => {
    const { promise, resolve } = Promise.withResolvers<number>()
    turns.push({ asked: performance.now(), begin: resolve })
    beginNext()
    return promise
  }

  app.get('/health', (c) => c.text(''))
  app.get('/readyz', (c) => c.text(''))

  app.get('/v1/models', (c) => c.json({ object: 'list', data: [{ id: 'fake-70b' }] }))

  app.post('/v1/chat/completions', async (c) => {
    const body = ChatBody.parse(await c.req.json())
    asked.push(body)
    const counts = lengths(body, pace)
    const tagged = promptOf(body.messages).includes('</answer>')
    const stream = new ReadableStream({
      async start(controller) {
        const send = (event: object) =>
          controller.enqueue(
            encoder.encode(`data: ${JSON.stringify({ model: 'fake-70b', ...event })}\n\n`),
          )
        const delta = (index: number, content: string, finish_reason: string | null = null) =>
          send({ choices: [{ index, delta: { content }, finish_reason }] })
        const write = async (tokens: number, index: number) => {
          const text = textOf(body, index, tokens)
          const began = await turn()
          try {
            if (tagged) delta(index, '<answer>')
            for (let sent = 0; sent < tokens;) {
              const next = Math.min(tokens, sent + pace.tokensPerDelta)
              await sleep(Math.max(0, began + writing(next, pace) - performance.now()))
              const due = Math.floor((performance.now() - began - pace.first) / pace.token)
              const upTo =
                due >= tokens ? tokens : Math.max(next, due - (due % pace.tokensPerDelta))
              delta(index, text.slice(4 * sent, 4 * upTo))
              sent = upTo
            }
            if (tagged) delta(index, '</answer>')
            delta(index, '', 'stop')
          } finally {
            free.push(began + writing(tokens, pace))
            beginNext()
          }
        }
        await Promise.all(counts.map(write))
        const completion_tokens = counts.reduce((sum, tokens) => sum + tokens, 0)
        send({ choices: [], usage: { prompt_tokens: 1, completion_tokens } })
        controller.enqueue(encoder.encode('data: [DONE]\n\n'))
        controller.close()
      },
    })
    return new Response(stream, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } })
  })

  // What it was asked, for whoever reckons what that takes.
  app.get('/asked', (c) => c.json(asked))

  // One pass at a time over all that wait, as the reward service packs them.
  let waiting: { asked: number; prompt: string; candidates: string[]; scored: () => void }[] = []
  let busy = false
  let idleSince = 0
  const pass = async () => {
    if (busy) return
    busy = true
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      const began = Math.max(idleSince, Math.min(...batch.map(({ asked: since }) => since)))
      const prompts = Map.groupBy(batch, ({ prompt }) => prompt)
      const times = [...prompts].map(([prompt, all]) =>
        passing(
          prompt,
          all.flatMap(({ candidates }) => candidates),
          { ...pace, pass: 0 },
        ),
      )
      idleSince = times.reduce((sum, time) => sum + time, began + pace.pass)
      await sleep(Math.max(0, idleSince - performance.now()))
      for (const { scored } of batch) scored()
    }
    busy = false
  }

  app.post('/v1/rewards', async (c) => {
    const { messages = [], candidates = [] } = RewardsRequest.parse(await c.req.json())
    const { promise, resolve } = Promise.withResolvers<void>()
    const prompt = promptOf(messages)
    waiting.push({ asked: performance.now(), prompt, candidates, scored: resolve })
    void pass()
    await promise
    return c.json({
      model: 'fake-reward',
      rewards: candidates.map((text, index) => ({
        index,
        reward: usualReward(text),
        tokens: tokensOf(text),
        truncated: false,
      })),
      dtype: 'float32',
      provider: 'fake',
      template_hash: '0000000000000000',
      usage: { prompt_tokens: 1, total_tokens: 1 },
      timing: { queue: 0, tokenize: 0, model: 0 },
    })
  })
  return listen(app)
}
