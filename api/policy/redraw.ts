/** An answer that is drawn a second time, to those who heard its beginning. */
import type { Channel } from './channels.ts'
import type { DrawListener } from './policy.ts'

interface Heard {
  /** What was told of the answer, by channel. */
  told: Record<Channel, string>
  /** How much of that this draw has brought again. */
  again: Record<Channel, number>
  /** It was told to its end, or goes on otherwise than it was told. */
  over: boolean
}

/** A listener of draws of the same answers, one after the other. */
export interface Retelling {
  listener: DrawListener
  /** The answers that were not finished are drawn anew. */
  restart: () => void
}

/**
 * Passes each answer on as if it were drawn once: what was told is not told again, so that the same
 * text goes on where it broke off. Where it comes otherwise, nothing more is told until it is
 * finished, whole.
 */
export function retelling(listener: DrawListener): Retelling {
  const answers = new Map<number, Heard>()
  const finished = new Set<number>()
  const heardOf = (index: number) => {
    const known = answers.get(index)
    if (known !== undefined) return known
    const heard = {
      told: { answer: '', thinking: '' },
      again: { answer: 0, thinking: 0 },
      over: false,
    }
    answers.set(index, heard)
    return heard
  }
  return {
    listener: {
      delta(index, text, channel) {
        const heard = heardOf(index)
        if (heard.over) return
        const { told, again } = heard
        const repeated = text.slice(0, told[channel].length - again[channel])
        heard.over = !told[channel].startsWith(repeated, again[channel])
        if (heard.over) return
        const fresh = text.slice(repeated.length)
        again[channel] += text.length
        told[channel] += fresh
        if (fresh !== '') listener.delta(index, fresh, channel)
      },
      finished(choice) {
        if (finished.has(choice.index)) return
        finished.add(choice.index)
        heardOf(choice.index).over = true
        listener.finished(choice)
      },
    },
    restart() {
      for (const [index, heard] of answers) {
        if (!finished.has(index)) heard.over = false
        heard.again = { answer: 0, thinking: 0 }
      }
    },
  }
}
