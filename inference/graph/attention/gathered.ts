/** Attention that gathers whole sequences from a flat row of tokens. */
import type { Decoder } from '../../model/decoder.ts'
import type { Graph } from '../onnx/graph.ts'
import type { WeightType } from '../../model/safetensors.ts'
import { type Attention, rotaryTables } from './attention.ts'

/**
 * Attention over whole sequences whose tokens stand in one flat row [1, T], as `GatheredBatch` has
 * them. Adds its inputs `sequence_tokens` [R, L], `token_places` [T] and `lengths` [R] (tokens, less
 * one), `total_length` (L) and the rotary tables. Gathering the sequences repeats a shared prompt's
 * attention, which is little beside the rest of its work, and needs neither masks nor padding
 * anywhere else.
 */
export function gatheredAttention(graph: Graph, decoder: Decoder, type: WeightType): Attention {
  const tables = rotaryTables(graph, decoder, type)
  const sequenceTokens = graph.input('sequence_tokens', 'I32', ['sequences', 'longest'])
  const tokenPlaces = graph.input('token_places', 'I32', ['tokens'])
  const lengths = graph.input('lengths', 'I32', ['sequences'])
  const totalLength = graph.input('total_length', 'I32', [])
  const { heads, kvHeads, headSize } = decoder
  const gather = (row: string, places: string) =>
    graph.node({ op: 'Gather', inputs: [row, places], attributes: { axis: { int: 0 } } })
  const flat = (value: string, count: number) =>
    graph.node({ op: 'Reshape', inputs: [value, graph.constant([-1, count * headSize])] })
  const sequences = (row: string, count: number) => gather(flat(row, count), sequenceTokens)

  const mix: Attention['mix'] = (layer, query, key, value) => {
    const { window, rope } = decoder.layers[layer] ?? { window: null, rope: 0 }
    const { cos, sin } = tables(rope)
    const mixed = graph.node({
      op: 'GroupQueryAttention',
      domain: 'com.microsoft',
      inputs: [
        sequences(query, heads),
        sequences(key, kvHeads),
        sequences(value, kvHeads),
        '',
        '',
        lengths,
        totalLength,
        cos,
        sin,
      ],
      outputs: [`mixed.${layer}`, `key.${layer}`, `value.${layer}`],
      attributes: {
        num_heads: { int: heads },
        kv_num_heads: { int: kvHeads },
        do_rotary: { int: 1 },
        scale: { float: decoder.attentionScale },
        softcap: { float: decoder.attentionCap ?? 0 },
        local_window_size: { int: window ?? -1 },
      },
    })
    const row = gather(flat(mixed, heads), tokenPlaces)
    return graph.node({
      op: 'Reshape',
      inputs: [row, graph.constant([1, -1, heads * headSize])],
    })
  }
  return { mix, normsHeads: false }
}
