/** A thread that turns text into token ids for `text-pool.ts`, which calls what is exported here. */
import { workerData } from 'node:worker_threads'
import { move, transferableSymbol, valueSymbol } from 'piscina'
import type { ChatMessage } from './chat-template.ts'
import { type ChatText, readChatText } from './chat-text.ts'
import { InferenceError, type InferenceFault } from '../errors.ts'
import type { TextFiles } from '../model/folder.ts'
import { readPairText, takesPairs } from './pair-text.ts'
import {
  countPrompt,
  type EncodedSequence,
  type EncodeOptions,
  encodeSequence,
  type SequenceSource,
} from './sequences.ts'
import { TooManyTokens } from './too-many-tokens.ts'

/** Why there is no answer: errors lose their class on the way between threads. */
export type Failure =
  | { kind: 'too_many_tokens'; tokens: number; exact: boolean }
  | { kind: 'inference'; fault: InferenceFault; message: string }

export type Outcome<T> = { value: T } | { failure: Failure }

export interface EncodeTask {
  sources: readonly SequenceSource[]
  options: EncodeOptions
}

export interface PromptTask {
  messages: readonly ChatMessage[]
  limit: number
}

function attempt<T>(work: () => T): Outcome<T> {
  try {
    return { value: work() }
  } catch (error) {
    if (error instanceof TooManyTokens) {
      const { tokens, exact } = error
      return { failure: { kind: 'too_many_tokens', tokens, exact } }
    }
    if (!(error instanceof InferenceError)) throw error
    const { fault, message } = error
    return { failure: { kind: 'inference', fault, message } }
  }
}

const files: TextFiles = workerData
const loaded = attempt(() => (takesPairs(files) ? readPairText(files) : readChatText(files)))

const withText = <T>(work: (text: ChatText) => T): Outcome<T> =>
  'value' in loaded ? attempt(() => work(loaded.value)) : loaded

/** Whether the folder's files can be used. */
export const templateHash = (): Outcome<string> => withText((text) => text.templateHash)

/** Outcomes in order; after a failure the others are left out. The ids are moved, not copied. */
export function encode({ sources, options }: EncodeTask): object {
  const outcomes: Outcome<EncodedSequence>[] = []
  const buffers: ArrayBufferLike[] = []
  for (const source of sources) {
    const outcome = withText((text) => encodeSequence(text, source, options))
    outcomes.push(outcome)
    if ('failure' in outcome) break
    buffers.push(outcome.value.ids.buffer)
  }
  return move({ [transferableSymbol]: buffers, [valueSymbol]: outcomes })
}

export const promptTokens = ({ messages, limit }: PromptTask): Outcome<number> =>
  withText((text) => countPrompt(text, messages, limit))

export const decode = (sequences: readonly (readonly number[])[]): Outcome<string[]> =>
  withText((text) => sequences.map((ids) => text.decode(ids)))
