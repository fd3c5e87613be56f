/** What the main thread and the thread that runs a model say to each other. */
import type { Head } from './config.ts'
import type { CausalShape } from './causal.ts'
import type { TokenBytes } from './detokenizer.ts'
import type { AnswerDelta, GenerationRequest } from './generate.ts'
import type { SessionSource } from './ort.ts'
import type { Rotation } from './rope.ts'

/** Given to the thread when it starts. */
export interface WorkerStart {
  head: Head
  session: SessionSource
  rotations: readonly Rotation[]
  shape: CausalShape
  /** Only a causal model turns tokens into text. */
  tokenBytes: TokenBytes | null
}

export type ToWorker =
  | { type: 'logits'; id: number; ids: Int32Array; position: number }
  | { type: 'generate'; id: number; request: GenerationRequest }
  | { type: 'stop'; id: number }
  | { type: 'close' }

export type FromWorker =
  | { type: 'loaded' }
  | { type: 'load_failed'; reason: string }
  | { type: 'logits'; id: number; logits: Float32Array }
  | { type: 'deltas'; id: number; deltas: AnswerDelta[] }
  | { type: 'finished'; id: number }
  | { type: 'failed'; id: number; reason: string }
