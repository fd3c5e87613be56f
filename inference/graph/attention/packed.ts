/** How a target's attention sees packed sequences. */
import type { Decoder } from '../../model/decoder.ts'
import { InferenceError } from '../../errors.ts'
import type { Graph } from '../onnx/graph.ts'
import { type Target, targetName } from '../../runtime/target.ts'
import type { Weights } from '../weights.ts'
import type { Attention } from './attention.ts'
import { gatheredAttention } from './gathered.ts'
import { pagedAttention } from './paged.ts'

/** Only CUDA has the operator for pages; it also spares it a plan for every new shape. */
export const isPaged = ({ provider }: Target): boolean => provider === 'cuda'

/** Throws an `InferenceError` when the target's attention leaves out what the model needs. */
export function packedAttention(graph: Graph, decoder: Decoder, weights: Weights): Attention {
  const { target } = weights
  if (isPaged(target)) return pagedAttention(graph, decoder, weights)
  // Gemma 2 on WebGPU was off by 3e-3 where others were by 5e-6: its kernel does not cap.
  if (decoder.attentionCap !== null && target.provider !== 'cpu') {
    throw new InferenceError(
      'model',
      `${targetName(target)} does not cap attention scores, as this model needs; choose cuda or cpu`,
    )
  }
  return gatheredAttention(graph, decoder, target.type)
}
