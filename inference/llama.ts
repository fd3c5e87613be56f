/** The Llama decoder as a graph. */
import type { Attention } from './attention.ts'
import type { LlamaConfig } from './config.ts'
import { addLinear, addNorm } from './layers.ts'
import type { Graph } from './onnx/graph.ts'
import { toFloat, type Weights } from './weights.ts'

/**
 * Adds the decoder: the input `input_ids` [rows, sequence] and what the attention adds. Returns
 * the hidden states [rows, sequence, hidden] before the last norm.
 */
export function addLlama(
  graph: Graph,
  config: LlamaConfig,
  weights: Weights,
  attention: Attention,
): string {
  const { hidden, intermediate, heads, kvHeads, headSize, attentionBias, mlpBias } = config
  const linear = (input: string, name: string, to: number, from: number, bias: boolean) =>
    addLinear(graph, weights, { input, name, to, from, bias })

  const ids = graph.input('input_ids', 'I32', ['rows', 'sequence'])
  const embedding = weights.stored('model.embed_tokens.weight', [config.vocabulary, hidden])
  let state = toFloat(graph, graph.node({ op: 'Gather', inputs: [embedding, ids] }))

  for (let layer = 0; layer < config.layers; layer++) {
    const name = `model.layers.${layer}`
    const project = (input: string, part: string, to: number, from: number) =>
      linear(input, `${name}.self_attn.${part}_proj`, to, from, attentionBias)
    const before = addNorm(graph, config, weights, state, `${name}.input_layernorm`)
    const mixed = attention(
      layer,
      project(before, 'q', heads * headSize, hidden),
      project(before, 'k', kvHeads * headSize, hidden),
      project(before, 'v', kvHeads * headSize, hidden),
    )
    const attended = project(mixed, 'o', hidden, heads * headSize)
    state = graph.node({ op: 'Add', inputs: [state, attended] })

    const middle = addNorm(graph, config, weights, state, `${name}.post_attention_layernorm`)
    const gate = linear(middle, `${name}.mlp.gate_proj`, intermediate, hidden, mlpBias)
    const up = linear(middle, `${name}.mlp.up_proj`, intermediate, hidden, mlpBias)
    // x · sigmoid(1 · x), which is SiLU.
    const active = graph.node({
      op: 'QuickGelu',
      domain: 'com.microsoft',
      inputs: [gate],
      attributes: { alpha: { float: 1 } },
    })
    const product = graph.node({ op: 'Mul', inputs: [active, up] })
    const down = linear(product, `${name}.mlp.down_proj`, hidden, intermediate, mlpBias)
    state = graph.node({ op: 'Add', inputs: [state, down] })
  }
  return state
}
