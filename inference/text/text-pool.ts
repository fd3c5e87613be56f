/**
 * Threads that turn text into token ids, so that the service's own thread stays free for its
 * callers: reading the text of one long group takes as long as thousands of small requests.
 */
import { availableParallelism } from 'node:os'
import { extname } from 'node:path'
import { Piscina } from 'piscina'
import type { ChatMessage } from './chat-template.ts'
import { InferenceError } from '../errors.ts'
import type { TextFiles } from '../model/folder.ts'
import { type EncodedSequence, type EncodeOptions, type SequenceSource } from './sequences.ts'
import { TooManyTokens } from './too-many-tokens.ts'
import type { EncodeTask, Failure, Outcome, PromptTask } from './text-thread.ts'

export interface TextPool {
  /** SHA-256 of the chat template, first 16 hex digits. */
  templateHash: string
  /**
   * Rejects with a `SequenceError` for the first sequence that is too long or that the template
   * refuses, and with the signal's reason when the caller leaves.
   */
  encode: (
    sources: readonly SequenceSource[],
    options: EncodeOptions,
    signal: AbortSignal,
  ) => Promise<EncodedSequence[]>
  /** Tokens of a conversation without an answer; of one far over the limit, at least so many. */
  promptTokens: (messages: readonly ChatMessage[], limit: number) => Promise<number>
  /** The text of each list of ids, control tokens spelled out. */
  decode: (sequences: readonly (readonly number[])[]) => Promise<string[]>
  /** Sequences that are not encoded yet. */
  waiting: () => number
  close: () => Promise<void>
}

/** What is wrong with one of several sequences: `cause` says what. */
export class SequenceError extends Error {
  override readonly name = 'SequenceError'
  readonly index: number
  override readonly cause: TooManyTokens | InferenceError

  constructor(index: number, cause: TooManyTokens | InferenceError) {
    super(cause.message)
    this.index = index
    this.cause = cause
  }
}

/** One thread reads about 200,000 tokens a second, and the model needs cores too. */
const poolThreads = () => Math.min(4, Math.max(1, Math.floor(availableParallelism() / 4)))

/** Characters of one task, some 10 ms of work: so long may one caller hold up another. */
const taskCharacters = { least: 1024, most: 8192 }

/** Throws an `InferenceError` when the folder has no chat template or a damaged tokenizer. */
export async function startTextPool(files: TextFiles): Promise<TextPool> {
  const { name, path, tokenizer, tokenizerConfig, chatTemplate, graph } = files
  const threads = poolThreads()
  const pool = new Piscina({
    // The built package holds .js where the sources hold .ts.
    filename: new URL(`./text-thread${extname(import.meta.url)}`, import.meta.url).href,
    workerData: {
      name,
      path,
      tokenizer,
      tokenizerConfig,
      chatTemplate,
      graph,
    } satisfies TextFiles,
    minThreads: threads,
    maxThreads: threads,
    recordTiming: false,
  })
  let waiting = 0

  const call = async <T>(name: string, task: unknown): Promise<T> => {
    try {
      return await pool.run(task, { name })
    } catch (cause) {
      throw new InferenceError('worker', 'a thread that reads text has failed; try again', {
        cause,
      })
    }
  }
  const ask = async <T>(name: string, task: unknown): Promise<T> =>
    valueOf(await call<Outcome<T>>(name, task))

  /** Tasks of one caller, no more at once than there are threads, so that all callers take turns. */
  const encodeAll = async (tasks: readonly EncodeTask[], signal: AbortSignal) => {
    const outcomes: Outcome<EncodedSequence>[][] = []
    let next = 0
    let failed = false
    const takeTurns = async () => {
      while (next < tasks.length && !failed) {
        signal.throwIfAborted()
        const place = next++
        const answer = await call<Outcome<EncodedSequence>[]>('encode', tasks[place]).finally(
          () => (waiting -= tasks[place]?.sources.length ?? 0),
        )
        outcomes[place] = answer
        failed ||= answer.some((outcome) => 'failure' in outcome)
      }
    }
    try {
      await Promise.all(Array.from({ length: threads }, takeTurns))
    } finally {
      failed = true
      for (const task of tasks.slice(next)) waiting -= task.sources.length
    }
    return outcomes.flat()
  }

  const close = () => pool.destroy()
  try {
    return {
      templateHash: await ask<string>('templateHash', null),

      async encode(sources, options, signal) {
        waiting += sources.length
        const outcomes = await encodeAll(
          tasksOf(sources, threads).map((sources) => ({ sources, options })),
          signal,
        )
        return outcomes.map((outcome, index) => {
          if ('value' in outcome) return outcome.value
          throw new SequenceError(index, errorOf(outcome.failure))
        })
      },

      promptTokens: (messages, limit) =>
        ask('promptTokens', { messages, limit } satisfies PromptTask),
      decode: (sequences) => ask('decode', sequences),
      waiting: () => waiting,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Neighbours together, as long as that is little work. */
function tasksOf(sources: readonly SequenceSource[], threads: number): SequenceSource[][] {
  const lengths = sources.map(charactersOf)
  const share = lengths.reduce((sum, length) => sum + length, 0) / threads
  const { least, most } = taskCharacters
  const enough = Math.min(most, Math.max(least, share))
  const tasks: SequenceSource[][] = []
  let filled = Infinity
  for (const [index, source] of sources.entries()) {
    if (filled >= enough) {
      tasks.push([])
      filled = 0
    }
    tasks.at(-1)?.push(source)
    filled += lengths[index] ?? 0
  }
  return tasks
}

const charactersOf = (source: SequenceSource): number =>
  'messages' in source
    ? source.messages.reduce((sum, { content }) => sum + content.length, 0)
    : ('text' in source ? source.text : source.ids).length

function valueOf<T>(outcome: Outcome<T>): T {
  if ('value' in outcome) return outcome.value
  throw errorOf(outcome.failure)
}

const errorOf = (failure: Failure): TooManyTokens | InferenceError =>
  failure.kind === 'too_many_tokens'
    ? new TooManyTokens(failure.tokens, failure.exact)
    : new InferenceError(failure.fault, failure.message)
