/** A decoder as a graph. */
import type { Attention } from './attention/attention.ts'
import type { Decoder } from '../model/decoder.ts'
import { addHeadNorm, addLinear, addNorm, addResidualNorm, createGate } from './layers.ts'
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
  const residualNorm = (state: string, added: string, name: string) =>
    addResidualNorm(graph, decoder, weights, state, added, name)
  const normsHeads = decoder.queryKeyNorm && !attention.normsHeads
  const headNorm = (input: string, name: string) =>
    normsHeads ? addHeadNorm(graph, decoder, weights, input, name) : input
  const postNorm = (input: string, name: string) => (decoder.postNorms ? norm(input, name) : input)
  // With post-norms, the name that others give to the norm before the MLP is one of theirs.
  const beforeMlp = decoder.postNorms ? 'pre_feedforward_layernorm' : 'post_attention_layernorm'
  const gated = createGate(graph, decoder, weights)
  const layers = decoder.layers.map((_, layer) => `model.layers.${layer}`)

  const positions = graph.input('positions', 'I32', ['count'])
  const pick = (value: string) =>
    graph.node({ op: 'Gather', inputs: [value, positions], attributes: { axis: { int: 1 } } })

  let sum = addEmbedding(graph, decoder, weights)
  let normed = norm(sum, `${layers[0]}.input_layernorm`)
  for (const [layer, name] of layers.entries()) {
    const project = (part: string, count: number) => {
      const prefix = `${name}.self_attn.${part}_proj`
      return linear(normed, prefix, count * headSize, hidden, bias.queryKeyValue)
    }
    const mixed = attention.mix(
      layer,
      headNorm(project('q', heads), `${name}.self_attn.q_norm`),
      headNorm(project('k', kvHeads), `${name}.self_attn.k_norm`),
      project('v', kvHeads),
    )
    const next = layers[layer + 1]
    const [kept, residual] = next === undefined ? [pick(mixed), pick(sum)] : [mixed, sum]
    const output = `${name}.self_attn.o_proj`
    const attended = linear(kept, output, hidden, heads * headSize, bias.output)
    const added = postNorm(attended, `${name}.post_attention_layernorm`)
    const middle = residualNorm(residual, added, `${name}.${beforeMlp}`)

    const gate = linear(middle.normed, `${name}.mlp.gate_proj`, intermediate, hidden, bias.mlp)
    const up = linear(middle.normed, `${name}.mlp.up_proj`, intermediate, hidden, bias.mlp)
    const down = linear(gated(gate, up), `${name}.mlp.down_proj`, hidden, intermediate, bias.mlp)
    const thought = postNorm(down, `${name}.post_feedforward_layernorm`)
    if (next === undefined) sum = graph.node({ op: 'Add', inputs: [middle.sum, thought] })
    else ({ sum, normed } = residualNorm(middle.sum, thought, `${next}.input_layernorm`))
  }
  return sum
}

function addEmbedding(graph: Graph, decoder: Decoder, weights: Weights): string {
  const { vocabulary, hidden, embeddingScale } = decoder
  const ids = graph.input('input_ids', 'I32', ['rows', 'sequence'])
  const embedding = weights.stored('model.embed_tokens.weight', [vocabulary, hidden])
  const gathered = graph.node({ op: 'Gather', inputs: [embedding, ids] })
  const state = cast(graph, gathered, weights.target.type)
  if (embeddingScale === 1) return state
  // Rounded to the type that is computed in, as in transformers.
  const scale = cast(graph, graph.scalar(embeddingScale), weights.target.type)
  return graph.node({ op: 'Mul', inputs: [state, scale] })
}
