/** The order in which the reference (yafuly/TPO, run.py) does the work of runs, and what no order can do without. */
import {
  type ChatBody,
  lengths,
  type Pace,
  passing,
  textOf,
  writing,
} from '../fakes/paced-models.ts'

const answersOf = (body: ChatBody, pace: Pace) =>
  lengths(body, pace).map((tokens, index) => ({ tokens, text: textOf(body, index, tokens) }))

/** Milliseconds that no schedule of one run can do without; its draws ask for several answers. */
export function critical(query: string, asked: readonly ChatBody[], pace: Pace): number {
  const times = asked.map((body) => {
    const scored = (text: string) => (body.n === 1 ? 0 : passing(query, [text], pace))
    const ends = answersOf(body, pace).map(
      ({ tokens, text }) => writing(tokens, pace) + scored(text),
    )
    return Math.max(...ends)
  })
  return times.reduce((sum, time) => sum + time, 0)
}

/** The requests of a run, one after the other: all answers of a draw, then each one's reward. */
export async function referenceRun(
  url: string,
  query: string,
  asked: readonly ChatBody[],
  iterations: number,
  pace: Pace,
): Promise<void> {
  const post = async (path: string, body: object) => {
    const response = await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) })
    await response.text()
  }
  const messages = [{ role: 'user', content: query }]
  for (const body of asked.slice(0, 1 + 3 * iterations)) {
    await post('/v1/chat/completions', body)
    if (body.n === 1) continue
    for (const { text } of answersOf(body, pace))
      await post('/v1/rewards', { messages, candidates: [text] })
  }
}

/** So many at a time, the next so many when the last of them is done. */
export async function inChunks<T>(
  all: readonly T[],
  size: number,
  work: (one: T) => Promise<unknown>,
): Promise<void> {
  for (let first = 0; first < all.length; first += size) {
    await Promise.all(all.slice(first, first + size).map(work))
  }
}
