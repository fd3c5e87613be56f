/** A decoder as a graph. */
import type { Attention } from './attention.ts'
import type { Decoder } from './decoder.ts'
import { addActivation, addHeadNorm, addLinear, addNorm } from './layers.ts'
import type { Graph } from './onnx/graph.ts'
import { cast, type Weights } from './weights.ts'

/**
 * Adds the decoder: the inputs `input_ids` [rows, sequence] and `positions` [count], and what the
 * attention adds. Returns the hidden states [rows, count, hidden] at those positions, before the
 * last norm: past its attention, the last layer computes nothing for the others.
 */
export function addDecoder(
  graph: Graph,
  decoder: Decoder,
  weights: Weights,
  attention: Attention,
): string {
  const { hidden, intermediate, heads, kvHeads, headSize, bias } = decoder
  const linear = (input: string, name: string, to: number, from: number, bias: boolean) =>
    addLinear(graph, weights, { input, name, to, from, bias })
  const norm = (input: string, name: string) => addNorm(graph, decoder, weights, input, name)
  const headNorm = (input: string, name: string) =>
    decoder.queryKeyNorm ? addHeadNorm(graph, decoder, weights, input, name) : input
  const postNorm = (input: string, name: string) => (decoder.postNorms ? norm(input, name) : input)
  // With post-norms, the name that others give to the norm before the MLP is one of theirs.
  const beforeMlp = decoder.postNorms ? 'pre_feedforward_layernorm' : 'post_attention_layernorm'

  let state = addEmbedding(graph, decoder, weights)
  const positions = graph.input('positions', 'I32', ['count'])
  const pick = (value: string) =>
    graph.node({ op: 'Gather', inputs: [value, positions], attributes: { axis: { int: 1 } } })
  for (let layer = 0; layer < decoder.layers.length; layer++) {
    const name = `model.layers.${layer}`
    const before = norm(state, `${name}.input_layernorm`)
    const project = (part: string, count: number) => {
      const prefix = `${name}.self_attn.${part}_proj`
      return linear(before, prefix, count * headSize, hidden, bias.queryKeyValue)
    }
    const mixed = attention(
      layer,
      headNorm(project('q', heads), `${name}.self_attn.q_norm`),
      headNorm(project('k', kvHeads), `${name}.self_attn.k_norm`),
      project('v', kvHeads),
    )
    const isLast = layer === decoder.layers.length - 1
    const [kept, residual] = isLast ? [pick(mixed), pick(state)] : [mixed, state]
    const output = `${name}.self_attn.o_proj`
    const attended = linear(kept, output, hidden, heads * headSize, bias.output)
    const added = postNorm(attended, `${name}.post_attention_layernorm`)
    state = graph.node({ op: 'Add', inputs: [residual, added] })

    const middle = norm(state, `${name}.${beforeMlp}`)
    const gate = linear(middle, `${name}.mlp.gate_proj`, intermediate, hidden, bias.mlp)
    const up = linear(middle, `${name}.mlp.up_proj`, intermediate, hidden, bias.mlp)
    const active = addActivation(graph, decoder, gate)
    const product = graph.node({ op: 'Mul', inputs: [active, up] })
    const down = linear(product, `${name}.mlp.down_proj`, hidden, intermediate, bias.mlp)
    const thought = postNorm(down, `${name}.post_feedforward_layernorm`)
    state = graph.node({ op: 'Add', inputs: [state, thought] })
  }
  return state
}

function addEmbedding(graph: Graph, decoder: Decoder, weights: Weights): string {
  const { vocabulary, hidden, embeddingScale } = decoder
  const ids = graph.input('input_ids', 'I32', ['rows', 'sequence'])
  const embedding = weights.stored('model.embed_tokens.weight', [vocabulary, hidden])
  const state = cast(
    graph,
    graph.node({ op: 'Gather', inputs: [embedding, ids] }),
    weights.target.type,
  )
  if (embeddingScale === 1) return state
  // Rounded to the type that is computed in, as in transformers.
  const scale = cast(graph, graph.scalar(embeddingScale), weights.target.type)
  return graph.node({ op: 'Mul', inputs: [state, scale] })
}
