/** Layers that every decoder is made of. */
import type { LlamaConfig } from './config.ts'
import type { Graph } from './onnx/graph.ts'
import type { Weights } from './weights.ts'

/** RMSNorm in fp32 with the weight `${name}.weight`. */
export function addNorm(
  graph: Graph,
  { hidden, normEpsilon }: LlamaConfig,
  weights: Weights,
  input: string,
  name: string,
): string {
  return graph.node({
    op: 'SimplifiedLayerNormalization',
    inputs: [input, weights.wide(`${name}.weight`, [hidden])],
    attributes: { axis: { int: -1 }, epsilon: { float: normEpsilon }, stash_type: { int: 1 } },
  })
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
