/** What the steps need of a policy: draw answers to messages. */
import type { Problem } from '../../shared/problems.ts'
import type { Message } from '../../shared/tpo.ts'
import type { Probed } from '../backends/probe.ts'
import type { Channel } from './channels.ts'
import type { ServedModel } from './models.ts'

export interface DrawRequest {
  messages: readonly Message[]
  /** The served model's name; the configured one, or the server's first, if left out. */
  model?: string
  /** How many answers to draw from the same messages. */
  n: number
  /** Seed of the answer with this index; the server's own if left out. */
  seed?: (index: number) => number
  temperature: number
  top_p: number
  /** Fitted to the server's context length. */
  max_tokens: number
  /** Fields the server knows beyond OpenAI's. */
  extra_body?: Readonly<Record<string, unknown>>
  /** The same for all requests of a question, to servers of which there are several. */
  affinity: string
  /** Tags that deltas do not show. */
  hidden_tags?: readonly string[]
}

/** One answer as the server gave it. */
export interface Choice {
  index: number
  content: string
  /** The server's own field for thinking text, where it has one. */
  reasoning: string
  finish_reason: string
  /** Completion tokens; apportioned by stream chunks where the server counts only their sum. */
  tokens: number
}

/** Hears of the answers while they are drawn. */
export interface DrawListener {
  delta: (index: number, text: string, channel: Channel) => void
  finished: (choice: Choice) => void
}

export interface Drawn {
  /** Those that were finished, by index, 0 … n−1. */
  choices: Choice[]
  /** How many of the n answers did not come. */
  missing: number
  /** Why not, where the server failed. */
  failure?: Problem
  /** The server takes none of the seeds: the same request may bring other answers. */
  seedless: boolean
  prompt_tokens: number
  /** Those of answers that broke off are among them. */
  completion_tokens: number
  /** Requests that were answered. */
  model_calls: number
}

/** What can be asked for. */
export interface ServedModels {
  /** The one that answers where a run names none comes first. */
  models: ServedModel[]
  ids: string[]
  /** Whether the server listed them, so that it serves no others. */
  complete: boolean
}

export interface Policy extends Probed {
  /** Throws a `policy_…` problem where not one answer came, or the signal's reason once it aborts. */
  draw: (request: DrawRequest, listener: DrawListener, signal: AbortSignal) => Promise<Drawn>
  /** Throws as `draw` does. */
  models: (signal: AbortSignal) => Promise<ServedModels>
}
