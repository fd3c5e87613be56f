/** What the forms of causal attention with rotary positions and grouped key-value heads share. */
import type { Decoder } from '../../model/decoder.ts'
import type { Graph } from '../onnx/graph.ts'
import type { WeightType } from '../../model/safetensors.ts'
import { cast } from '../weights.ts'

export interface Attention {
  /** From projected queries, keys and values [rows, sequence, heads · headSize] to their mixture. */
  mix: (layer: number, query: string, key: string, value: string) => string
  /** Norms queries and keys per head by itself, where the decoder wants that. */
  normsHeads: boolean
}

/**
 * Tables [positions, headSize / 2] per rotation, `cos.i` and `sin.i`, come from outside: a long
 * context would bloat the model.
 */
export function rotaryTables(
  graph: Graph,
  { ropes, headSize }: Decoder,
  type: WeightType,
): (rope: number) => { cos: string; sin: string } {
  for (const rope of ropes.keys()) {
    for (const name of ['cos', 'sin']) {
      graph.input(`${name}.${rope}`, 'F32', [`positions.${rope}`, headSize / 2])
    }
  }
  const turned = ropes.map((_, rope) => ({
    cos: cast(graph, `cos.${rope}`, type),
    sin: cast(graph, `sin.${rope}`, type),
  }))
  return (rope) => turned[rope] ?? { cos: '', sin: '' }
}
