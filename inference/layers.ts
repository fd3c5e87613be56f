/** Layers that every decoder is made of. */
import type { Decoder } from './decoder.ts'
import type { Graph } from './onnx/graph.ts'
import type { Weights } from './weights.ts'

/** RMSNorm in fp32 over the last axis with the weight `${name}.weight` [size]. */
export function addNorm(
  graph: Graph,
  { hidden, normEpsilon, normAddsOne }: Decoder,
  weights: Weights,
  input: string,
  name: string,
  size = hidden,
): string {
  const stored = weights.wide(`${name}.weight`, [size])
  const weight = normAddsOne ? graph.node({ op: 'Add', inputs: [stored, graph.scalar(1)] }) : stored
  return graph.node({
    op: 'SimplifiedLayerNormalization',
    inputs: [input, weight],
    attributes: { axis: { int: -1 }, epsilon: { float: normEpsilon }, stash_type: { int: 1 } },
  })
}

/** RMSNorm of each head by itself: [rows, sequence, heads · headSize] with one weight for all. */
export function addHeadNorm(
  graph: Graph,
  decoder: Decoder,
  weights: Weights,
  input: string,
  name: string,
): string {
  const { headSize } = decoder
  const reshape = (value: string, ...shape: readonly number[]) =>
    graph.node({ op: 'Reshape', inputs: [value, graph.constant(shape)] })
  const heads = reshape(input, 0, 0, -1, headSize)
  return reshape(addNorm(graph, decoder, weights, heads, name, headSize), 0, 0, -1)
}

interface Linear {
  input: string
  /** Prefix of the tensors: the weight is [to, from], the bias [to]. */
  name: string
  to: number | null
  from: number
  bias: boolean
}

/** x · Wᵀ (+ b), without a transposed copy of W. */
export function addLinear(graph: Graph, weights: Weights, linear: Linear): string {
  const { input, name, to, from, bias } = linear
  const product = graph.node({
    op: 'FusedMatMul',
    domain: 'com.microsoft',
    inputs: [input, weights.wide(`${name}.weight`, [to, from])],
    attributes: { transB: { int: 1 } },
  })
  if (!bias) return product
  return graph.node({ op: 'Add', inputs: [product, weights.wide(`${name}.bias`, [to])] })
}

export function addActivation(graph: Graph, { activation }: Decoder, input: string): string {
  const domain = 'com.microsoft'
  if (activation === 'gelu_tanh') return graph.node({ op: 'FastGelu', domain, inputs: [input] })
  // x · sigmoid(1 · x), which is SiLU.
  const attributes = { alpha: { float: 1 } }
  return graph.node({ op: 'QuickGelu', domain, inputs: [input], attributes })
}
