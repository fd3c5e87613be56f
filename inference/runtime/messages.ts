/** What the process of a service and the process that runs a model for it say to each other. */
import type { CausalShape } from '../generation/causal.ts'
import type { TokenBytes } from '../generation/detokenizer.ts'
import type { AnswerDelta, GenerationRequest } from '../generation/generate.ts'
import type { SessionSource } from './ort.ts'
import type { Rotation } from './rope.ts'
import type { PackedBatch } from '../scoring/packing.ts'
import type { ReadyMadeGraph } from '../scoring/ready-made.ts'
import type { Target } from './target.ts'

/** The first message to a worker: its model. */
export type WorkerStart = DecoderStart | ReadyMadeStart

export interface DecoderStart {
  kind: 'decoder'
  session: SessionSource
  rotations: readonly Rotation[]
  shape: CausalShape
  /** Only a causal model turns tokens into text. */
  tokenBytes: TokenBytes | null
}

export interface ReadyMadeStart {
  kind: 'ready-made'
  graph: ReadyMadeGraph
  target: Target
  /** CPU threads of one run. */
  threads: number
}

export type ToWorker =
  | { type: 'start'; start: WorkerStart }
  | { type: 'score'; id: number; batch: PackedBatch }
  | { type: 'logits'; id: number; ids: Int32Array; position: number }
  | { type: 'generate'; id: number; request: GenerationRequest }
  | { type: 'stop'; id: number }

export type FromWorker =
  | { type: 'loaded' }
  | { type: 'load_failed'; reason: string }
  /** `seconds` are those of the forward pass alone. */
  | { type: 'scored'; id: number; logits: Float32Array; seconds: number }
  | { type: 'logits'; id: number; logits: Float32Array }
  | { type: 'deltas'; id: number; deltas: AnswerDelta[] }
  | { type: 'finished'; id: number }
  | { type: 'failed'; id: number; reason: string }
