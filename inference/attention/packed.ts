/** How a target's attention sees packed sequences. */
import type { Decoder } from '../decoder.ts'
import type { Graph } from '../onnx/graph.ts'
import type { Target } from '../target.ts'
import type { Weights } from '../weights.ts'
import type { Attention } from './attention.ts'
import { gatheredAttention } from './gathered.ts'
import { pagedAttention } from './paged.ts'

/** Only CUDA has the operator for pages; it also spares it a plan for every new shape. */
export const isPaged = ({ provider }: Target): boolean => provider === 'cuda'

export const packedAttention = (graph: Graph, decoder: Decoder, weights: Weights): Attention =>
  isPaged(weights.target)
    ? pagedAttention(graph, decoder, weights)
    : gatheredAttention(graph, decoder, weights.target.type)
