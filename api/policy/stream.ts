import type { ChatCompletionChunk } from 'openai/resources/chat/completions'
import { type Channel, channelSorter } from './channels.ts'
import type { Choice, Drawn, DrawListener } from './policy.ts'

/** A delta's fields, those of vLLM, SGLang and others for thinking text included. */
interface Delta {
  content?: string | null
  reasoning?: unknown
  reasoning_content?: unknown
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** One streamed completion, as far as it came. */
export interface Collected extends Pick<
  Drawn,
  'choices' | 'prompt_tokens' | 'completion_tokens' | 'model_calls'
> {
  /** What broke the stream. */
  broke?: { error: unknown }
}

/**
 * Reads one streamed completion to its end, or until it breaks. Upstream's index `i` becomes
 * `first + i`; a choice that never finished has an empty `finish_reason`. Tokens that the server
 * did not get to count are counted by chunks. `opened` hears of the first chunk.
 */
export async function collect(
  chunks: AsyncIterable<ChatCompletionChunk>,
  first: number,
  listener: DrawListener,
  hidden: readonly string[],
  opened: (chunk: ChatCompletionChunk) => void,
): Promise<Collected> {
  const choices = new Map<number, ReturnType<typeof growingChoice>>()
  let usage: ChatCompletionChunk['usage']
  let broke: Collected['broke']
  let begun = false
  const read = (chunk: ChatCompletionChunk) => {
    if (!begun) opened(chunk)
    begun = true
    usage = chunk.usage ?? usage
    // Chunks of usage, and of some proxies, carry no choices.
    for (const { index, delta, finish_reason } of chunk.choices ?? []) {
      const growing = choices.get(index) ?? growingChoice(first + index, listener, hidden)
      choices.set(index, growing)
      growing.add(delta ?? {})
      if (finish_reason) growing.finish(finish_reason)
    }
  }
  try {
    for await (const chunk of chunks) read(chunk)
  } catch (error) {
    broke = { error }
  }
  const drawn = [...choices.values()].map(({ choice }) => choice).sort((a, b) => a.index - b.index)
  const counted = drawn.reduce((sum, { tokens }) => sum + tokens, 0)
  const completion_tokens = usage?.completion_tokens ?? counted
  return {
    choices: apportion(drawn, completion_tokens, counted),
    prompt_tokens: usage?.prompt_tokens ?? 0,
    completion_tokens,
    model_calls: 1,
    ...(broke && { broke }),
  }
}

function growingChoice(index: number, listener: DrawListener, hidden: readonly string[]) {
  const choice: Choice = { index, content: '', reasoning: '', finish_reason: '', tokens: 0 }
  const sort = channelSorter(hidden)
  const tell = (text: string, channel: Channel) => {
    if (text !== '') listener.delta(index, text, channel)
  }
  return {
    choice,
    add(delta: Delta) {
      const reasoning = textOf(delta.reasoning) || textOf(delta.reasoning_content)
      const content = textOf(delta.content)
      choice.reasoning += reasoning
      choice.content += content
      // Servers stream a token at a time, or nearly so.
      if (reasoning !== '' || content !== '') choice.tokens++
      tell(reasoning, 'thinking')
      for (const piece of sort(content)) tell(piece.text, piece.channel)
    },
    finish(reason: string) {
      choice.finish_reason = reason
      for (const piece of sort('', true)) tell(piece.text, piece.channel)
      listener.finished({ ...choice })
    },
  }
}

/** Shares the server's count of completion tokens out by the chunks counted here; the sum is exact. */
function apportion(choices: readonly Choice[], total: number, counted: number): Choice[] {
  let chunks = 0
  let given = 0
  return choices.map((choice) => {
    chunks += choice.tokens
    const upTo = counted === 0 ? 0 : Math.round((total * chunks) / counted)
    const tokens = upTo - given
    given = upTo
    return { ...choice, tokens }
  })
}
