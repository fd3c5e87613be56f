/** What is timed, on Node and in workerd alike. */
import type { State } from '../../api/algorithm/state.ts'
import { applyCandidates, begin } from '../../api/algorithm/transitions.ts'
import { createCursors } from '../../api/cursor/cursor.ts'
import { type CursorNatives, webNatives } from '../../api/cursor/natives.ts'
import { pack } from '../../api/cursor/pack.ts'
import { StartRequest } from '../../shared/tpo.ts'

/** `raw` is WebCrypto alone on the same bytes. */
export type Kind = 'raw' | 'whole'

/** Texts in plain ASCII, or with the typographic signs that models like. */
export type Texts = 'plain' | 'typographic'

export interface Work {
  kind: Kind
  texts: Texts
  /** Of the packed state, about. */
  bytes: number
  times: number
}

const words =
  'a better answer names its reasons, gives an example and says what it leaves open, such as 42 of the “quoted” cases'

/** Five answers that wait for their rewards. */
function stateOf({ bytes, texts }: Work): State {
  const start = begin(StartRequest.parse({ query: 'Why?' }), {
    id: 'run',
    created_at: '2026-11-22T00:00:00.000Z',
  })
  const sentence = texts === 'plain' ? words.replaceAll(/[“”]/g, '"') : words
  const length = (bytes - 950) / (texts === 'plain' ? 5 : 5 * 1.036)
  const text = sentence.repeat(Math.ceil(length / sentence.length)).slice(0, length)
  const candidates = [0, 1, 2, 3, 4].map((index) => ({
    index,
    // Its own, so that nothing is shared with another answer.
    text: `${index}${text.slice(1)}`,
    finish_reason: 'stop',
    tokens: 100,
  }))
  return applyCandidates(start, candidates)
}

export interface Worked {
  /** Of the packed state. */
  bytes: number
  /** Where the clock goes on while the processor works, which it does not in workerd. */
  milliseconds: number
}

/** Opens and seals so many times. */
export async function work(asked: Work, natives: CursorNatives = webNatives): Promise<Worked> {
  const state = stateOf(asked)
  const packed = pack(state, natives)
  if (asked.kind === 'whole') {
    const keys = ['A'.repeat(43)]
    const { seal, open } = createCursors({ keys, days: 1, clock: Date.now, natives })('')
    let { cursor } = await seal(state)
    const began = performance.now()
    for (let time = 0; time < asked.times; time++) {
      ;({ cursor } = await seal((await open(cursor)).state))
    }
    return { bytes: packed.length, milliseconds: performance.now() - began }
  }
  const raw = new Uint8Array(32)
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt'])
  const cipher = { name: 'AES-GCM', iv: new Uint8Array(12) }
  let sealed = await crypto.subtle.encrypt(cipher, key, packed)
  const began = performance.now()
  for (let time = 0; time < asked.times; time++) {
    sealed = await crypto.subtle.encrypt(
      cipher,
      key,
      await crypto.subtle.decrypt(cipher, key, sealed),
    )
  }
  return { bytes: packed.length, milliseconds: performance.now() - began }
}
