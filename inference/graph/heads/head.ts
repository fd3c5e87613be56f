/** What a head is: from the states of a few positions to logits. */
import type { Decoder } from '../../model/decoder.ts'
import type { Graph } from '../onnx/graph.ts'
import type { Weights } from '../weights.ts'

/** Where a head is added. */
export interface HeadPlace {
  graph: Graph
  decoder: Decoder
  weights: Weights
  /** The picked states after the last norm, [1, count, hidden]. */
  states: string
}

export interface HeadLogits {
  /** [1, count / positions that it reads of one sequence, width] */
  logits: string
  width: number
}

export type AddHead = (place: HeadPlace) => HeadLogits

/** The head of a reward model. */
export interface ClassifierHead {
  add: AddHead
  /** How many positions of a sequence it reads. */
  count: number
  /**
   * Those positions; `padToken` is null where padding is scored like any token. Throws an
   * `InferenceError` of fault `prompt` when the sequence lacks what it reads.
   */
  reads: (ids: Int32Array, padToken: number | null) => number[]
}
