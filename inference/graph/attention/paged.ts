/** Attention over a paged cache, for CUDA: no padding, nothing gathered, a shared page read in place. */
import type { Decoder } from '../../model/decoder.ts'
import type { Graph } from '../onnx/graph.ts'
import { cast, type Weights } from '../weights.ts'
import { type Attention, rotaryTables } from './attention.ts'

/**
 * Tokens of a page, for heads of this size: ONNX Runtime's flash attention takes no smaller ones.
 */
export const pageSize = (headSize: number): number =>
  headSize <= 64 ? 256 : headSize <= 128 ? 128 : 64

/**
 * Attention of a flat row [1, T] of the sequences' own tokens, as `PagedBatch` has them. Adds its
 * inputs `ends` [R + 1], `past` [R], `page_table` [R, pages] and `bounds` [3], `cache_shape` [4] =
 * [pages, page size, kvHeads, headSize], and the rotary tables.
 *
 * The operator writes its keys and values into the cache that it is given, then reads from there.
 * Left without an output for the cache, it takes any tensor for one; so all layers, which run one
 * after the other, use the same, made when the pass begins.
 */
export function pagedAttention(graph: Graph, decoder: Decoder, weights: Weights): Attention {
  const { heads, kvHeads, headSize } = decoder
  const { type } = weights.target
  const tables = rotaryTables(graph, decoder, type)
  const ends = graph.input('ends', 'I32', ['ends'])
  const past = graph.input('past', 'I32', ['sequences'])
  const pageTable = graph.input('page_table', 'I32', ['sequences', 'pages'])
  const bounds = graph.input('bounds', 'I32', [3])
  const cacheShape = graph.input('cache_shape', 'I64', [4])
  // Of two values, or ONNX Runtime would take the second for the first.
  const [keys = '', values = ''] = [0, 1].map((value) => {
    const filled = graph.node({ op: 'Expand', inputs: [graph.scalar(value), cacheShape] })
    return cast(graph, filled, type)
  })
  const reshape = (value: string, ...shape: readonly number[]) =>
    graph.node({ op: 'Reshape', inputs: [value, graph.constant(shape)] })
  // Norms that add one to their weights are not those that the operator knows.
  const normsHeads = decoder.queryKeyNorm && !decoder.normAddsOne

  const mix: Attention['mix'] = (layer, query, key, value) => {
    const { window, rope } = decoder.layers[layer] ?? { window: null, rope: 0 }
    const { cos, sin } = tables(rope)
    const norms = ['q_norm', 'k_norm'].map((name) =>
      normsHeads
        ? weights.computed(`model.layers.${layer}.self_attn.${name}.weight`, [headSize])
        : '',
    )
    const mixed = graph.node({
      op: 'PagedAttention',
      domain: 'com.microsoft',
      inputs: [
        reshape(query, -1, heads * headSize),
        reshape(key, -1, kvHeads * headSize),
        reshape(value, -1, kvHeads * headSize),
        keys,
        values,
        ends,
        past,
        pageTable,
        cos,
        sin,
        '',
        '',
        ...norms,
        '',
        '',
        bounds,
      ],
      attributes: {
        num_heads: { int: heads },
        kv_num_heads: { int: kvHeads },
        do_rotary: { int: 1 },
        scale: { float: decoder.attentionScale },
        softcap: { float: decoder.attentionCap ?? 0 },
        local_window_size: { int: window ?? -1 },
        ...(normsHeads && { qk_norm_epsilon: { float: decoder.normEpsilon } }),
      },
    })
    return reshape(mixed, 1, -1, heads * headSize)
  }
  return { mix, normsHeads }
}
