/** The text of one answer as its tokens come in. */
import type { TokenBytes } from './detokenizer.ts'

export interface AnswerText {
  /**
   * Text that is now certain: no half characters, nothing that may be the beginning of a stop
   * string. `stopped` names the stop string that ended the answer; it is not part of the text.
   */
  push: (token: number) => { text: string; stopped: string | null }
  /** What was held back, once no more tokens come. */
  end: () => string
}

export function createAnswerText(tokens: TokenBytes, stop: readonly string[]): AnswerText {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  let held = ''

  const release = () => {
    const first = stop
      .map((text) => ({ text, at: held.indexOf(text) }))
      .filter(({ at }) => at !== -1)
      .reduce<{ text: string; at: number } | null>(
        (best, found) => (best === null || found.at < best.at ? found : best),
        null,
      )
    if (first !== null) {
      const text = held.slice(0, first.at)
      held = ''
      return { text, stopped: first.text }
    }
    const keep = Math.max(0, ...stop.map((text) => overlap(held, text)))
    const text = held.slice(0, held.length - keep)
    held = held.slice(held.length - keep)
    return { text, stopped: null }
  }

  return {
    push(token) {
      const start = tokens.starts[token] ?? 0
      const end = tokens.starts[token + 1] ?? start
      held += decoder.decode(tokens.bytes.subarray(start, end), { stream: true })
      return release()
    },
    end() {
      held += decoder.decode()
      return held
    },
  }
}

/** Length of the longest end of `text` that `stop` begins with, short of all of it. */
function overlap(text: string, stop: string): number {
  for (let length = Math.min(text.length, stop.length - 1); length > 0; length--) {
    if (stop.startsWith(text.slice(text.length - length))) return length
  }
  return 0
}
