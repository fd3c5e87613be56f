/** Sorts a streamed answer into what is shown as answer and as thinking, while it comes. */

export type Channel = 'answer' | 'thinking'

export interface Piece {
  text: string
  channel: Channel
}

const openThink = '<think>'
const closeThink = '</think>'

/** How much of the end of `text` may be the beginning of one of `tags`. */
function partial(text: string, tags: readonly string[]): number {
  const longest = tags.reduce((length, tag) => Math.max(length, tag.length - 1), 0)
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(-length)
    if (tags.some((tag) => tag.startsWith(end))) return length
  }
  return 0
}

/**
 * A function to feed with deltas; it gives the pieces that are certain so far. `last` gives the
 * rest. Text before a lone `</think>` has gone out as answer by the time the tag comes: the
 * finished candidate is what counts.
 */
export function channelSorter(hidden: readonly string[] = []) {
  let mode: 'start' | Channel = 'start'
  let held = ''

  function sort(last: boolean, pieces: Piece[]): Piece[] {
    const add = (text: string, channel: Channel) => {
      if (text !== '') pieces.push({ text, channel })
    }
    if (mode === 'start') {
      const text = held.trimStart()
      if (text.startsWith(openThink)) {
        mode = 'thinking'
        held = text.slice(openThink.length)
      } else if (last || !openThink.startsWith(text)) {
        mode = 'answer'
        held = text
      } else return pieces
    }
    if (mode === 'thinking') {
      const end = held.indexOf(closeThink)
      const keep = last ? 0 : partial(held, [closeThink])
      add(held.slice(0, end === -1 ? held.length - keep : end), 'thinking')
      held = end === -1 ? held.slice(held.length - keep) : held.slice(end + closeThink.length)
      if (end === -1) return pieces
      mode = 'start'
      return sort(last, pieces)
    }
    const text = hidden.reduce((rest, tag) => rest.replaceAll(tag, ''), held)
    const keep = last ? 0 : partial(text, hidden)
    add(text.slice(0, text.length - keep), 'answer')
    held = text.slice(text.length - keep)
    return pieces
  }

  return (delta: string, last = false): Piece[] => {
    held += delta
    return sort(last, [])
  }
}
