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
  let free = pace.sequences
  const turns: { n: number; begin: () => void }[] = []

  const beginNext = () => {
    for (let [turn] = turns; turn !== undefined && turn.n <= free; [turn] = turns) {
      free -= turn.n
      turns.shift()
      turn.begin()
    }
  }

  app.get('/v1/models', (c) => c.json({ object: 'list', data: [{ id: 'fake-70b' }] }))

  app.post('/v1/chat/completions', async (c) => {
    const body = ChatBody.parse(await c.req.json())
    const { promise: turn, resolve: begin } = Promise.withResolvers<void>()
    turns.push({ n: body.n, begin })
    beginNext()
    await turn
    const began = performance.now()
    const answers = lengths(body, pace).map((tokens, index) => ({
      index,
      text: textOf(body, index, tokens),
      tokens,
      sent: 0,
    }))
    const tagged = promptOf(body.messages).includes('</answer>')
    const stream = new ReadableStream({
      async start(controller) {
        const send = (event: object) =>
          controller.enqueue(
            encoder.encode(`data: ${JSON.stringify({ model: 'fake-70b', ...event })}\n\n`),
          )
        const delta = (index: number, content: string, finish_reason: string | null = null) =>
          send({ choices: [{ index, delta: { content }, finish_reason }] })
        while (answers.some(({ sent, tokens }) => sent < tokens)) {
          for (const answer of answers) {
            const { index, text, tokens, sent } = answer
            const due = Math.floor((performance.now() - began - pace.first) / pace.token)
            const upTo = due >= tokens ? tokens : due - (due % pace.tokensPerDelta)
            if (sent === tokens || upTo <= sent) continue
            if (sent === 0 && tagged) delta(index, '<answer>')
            delta(index, text.slice(4 * sent, 4 * upTo))
            answer.sent = upTo
            if (upTo === tokens) {
              if (tagged) delta(index, '</answer>')
              delta(index, '', 'stop')
              free++
              beginNext()
            }
          }
          const next = Math.min(
            ...answers
              .filter(({ sent, tokens }) => sent < tokens)
              .map(({ sent, tokens }) => Math.min(tokens, sent + pace.tokensPerDelta)),
          )
          if (Number.isFinite(next)) {
            await sleep(Math.max(0, began + writing(next, pace) - performance.now()))
          }
        }
        const completion_tokens = answers.reduce((sum, { tokens }) => sum + tokens, 0)
        send({ choices: [], usage: { prompt_tokens: 1, completion_tokens } })
        controller.enqueue(encoder.encode('data: [DONE]\n\n'))
        controller.close()
      },
    })
    return new Response(stream, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } })
  })

  // One pass at a time over all that wait, as the reward service packs them.
  let waiting: { prompt: string; candidates: string[]; scored: () => void }[] = []
  let busy = false
  const pass = async () => {
    if (busy) return
    busy = true
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      const prompts = Map.groupBy(batch, ({ prompt }) => prompt)
      const times = [...prompts].map(([prompt, all]) =>
        passing(
          prompt,
          all.flatMap(({ candidates }) => candidates),
          { ...pace, pass: 0 },
        ),
      )
      await sleep(times.reduce((sum, time) => sum + time, pace.pass))
      for (const { scored } of batch) scored()
    }
    busy = false
  }

  app.post('/v1/rewards', async (c) => {
    const { messages = [], candidates = [] } = RewardsRequest.parse(await c.req.json())
    const { promise, resolve } = Promise.withResolvers<void>()
    waiting.push({ prompt: promptOf(messages), candidates, scored: resolve })
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
