/**
 * A fake of a vLLM server and a reward service that answer at once and in this process, so that
 * what is measured is the API alone: it stands in for `fetch`. Speaks just what the API asks.
 */

export interface InstantAnswers {
  /** Pieces of one answer; each comes in a chunk of its own, as a server streams tokens. */
  pieces: number
  /** Characters of a piece. */
  pieceLength: number
}

export type Fetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>

const sentence =
  'A better answer names its reasons, gives an example and says what it leaves open. '

export function instantModels({ pieces, pieceLength }: InstantAnswers): Fetch {
  const length = pieces * pieceLength
  const text = sentence.repeat(Math.ceil(length / sentence.length)).slice(0, length)
  const made = new Map<string, Uint8Array<ArrayBuffer>>()

  /** The events of `n` answers that advance together, each different from the others. */
  const stream = (n: number, tagged: boolean): Uint8Array<ArrayBuffer> => {
    const key = `${n} ${tagged}`
    const known = made.get(key)
    if (known !== undefined) return known
    const head = { id: 'chatcmpl-fake', object: 'chat.completion.chunk', created: 0, model }
    const indexes = Array.from({ length: n }, (_, index) => index)
    const chunk = (index: number, delta: object, finish_reason: string | null) => ({
      ...head,
      choices: [{ index, delta, logprobs: null, finish_reason }],
    })
    const row = (delta: (index: number) => object, finish_reason: string | null = null) =>
      indexes.map((index) => chunk(index, delta(index), finish_reason))
    const [open, close] = tagged ? ['<answer>', '</answer>'] : ['', '']
    const piece = (at: number) => text.slice(at * pieceLength, (at + 1) * pieceLength)
    const events = [
      ...row(() => ({ role: 'assistant', content: '' })),
      ...row((index) => ({ content: `${open}${index}: ` })),
      ...Array.from({ length: pieces }, (_, at) => row(() => ({ content: piece(at) }))).flat(),
      ...row(() => ({ content: close })),
      ...row(() => ({}), 'stop'),
      { ...head, choices: [], usage: { prompt_tokens: 100, completion_tokens: n * pieces } },
    ]
    const lines = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
    const bytes = new TextEncoder().encode(`${lines}data: [DONE]\n\n`)
    made.set(key, bytes)
    return bytes
  }

  return async (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input)
    const body = typeof init?.body === 'string' ? init.body : '{}'
    if (pathname.endsWith('/models')) {
      return Response.json({ object: 'list', data: [{ id: model, max_model_len: 32_768 }] })
    }
    if (pathname.endsWith('/rewards')) {
      const { candidates } = JSON.parse(body) as { candidates: string[] }
      return Response.json({
        model: 'fake-reward',
        rewards: candidates.map((_, index) => ({
          index,
          reward: index,
          tokens: 100,
          truncated: false,
        })),
        dtype: 'float32',
        provider: 'fake',
        template_hash: '0000000000000000',
        usage: { prompt_tokens: 1, total_tokens: 1 },
        timing: { queue: 0, tokenize: 0, model: 0 },
      })
    }
    const { n } = JSON.parse(body) as { n: number }
    return new Response(stream(n, body.includes('</answer>')), {
      headers: { 'content-type': 'text/event-stream; charset=utf-8' },
    })
  }
}

const model = 'fake-70b'
