/** Layers that every decoder is made of. */
import type { Decoder } from '../model/decoder.ts'
import type { Graph } from './onnx/graph.ts'
import { cast, type Weights } from './weights.ts'

/**
 * RMSNorm, its sum in fp32, over the last axis with the weight `${name}.weight` [size]. A weight to which one
 * is added is added to in fp32, as its makers do: in 16 bits most of it would be lost.
 */
export function addNorm(
  graph: Graph,
  { hidden, normEpsilon, normAddsOne }: Decoder,
  weights: Weights,
  input: string,
  name: string,
  size = hidden,
): string {
  const norm = (value: string, weight: string) =>
    graph.node({
      op: 'SimplifiedLayerNormalization',
      inputs: [value, weight],
      attributes: { axis: { int: -1 }, epsilon: { float: normEpsilon }, stash_type: { int: 1 } },
    })
  const weight = [`${name}.weight`, [size]] as const
  if (!normAddsOne) return norm(input, weights.computed(...weight))
  const { type } = weights.target
  const toFloat = (value: string) => (type === 'F32' ? value : cast(graph, value, 'F32'))
  const inFloat = toFloat(weights.computed(...weight))
  const added = graph.node({ op: 'Add', inputs: [inFloat, graph.scalar(1)] })
  const normed = norm(toFloat(input), added)
  return type === 'F32' ? normed : cast(graph, normed, type)
}

/** Adds to the residual stream; returns the sum and its norm. */
export function addResidualNorm(
  graph: Graph,
  decoder: Decoder,
  weights: Weights,
  state: string,
  added: string,
  name: string,
): { sum: string; normed: string } {
  if (decoder.normAddsOne) {
    const sum = graph.node({ op: 'Add', inputs: [state, added] })
    return { sum, normed: addNorm(graph, decoder, weights, sum, name) }
  }
  const sum = `${name} sum`
  const normed = graph.node({
    op: 'SkipSimplifiedLayerNormalization',
    domain: 'com.microsoft',
    inputs: [state, added, weights.computed(`${name}.weight`, [decoder.hidden])],
    outputs: [`${name} normed`, '', '', sum],
    attributes: { epsilon: { float: decoder.normEpsilon } },
  })
  return { sum, normed }
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

/** x · Wᵀ (+ b). */
export function addLinear(graph: Graph, weights: Weights, linear: Linear): string {
  const { input, name, to, from, bias } = linear
  const weight = weights.computed(`${name}.weight`, [to, from])
  const product = multiplyTransposed(graph, weights, input, weight)
  if (!bias) return product
  return graph.node({ op: 'Add', inputs: [product, weights.computed(`${name}.bias`, [to])] })
}

/**
 * WebGPU has no kernel for the product that transposes as it goes; ONNX Runtime transposes the
 * weight once while loading.
 */
function multiplyTransposed(graph: Graph, { target }: Weights, input: string, weight: string) {
  if (target.provider !== 'webgpu') {
    return graph.node({
      op: 'FusedMatMul',
      domain: 'com.microsoft',
      inputs: [input, weight],
      attributes: { transB: { int: 1 } },
    })
  }
  const transposed = graph.node({ op: 'Transpose', inputs: [weight] })
  return graph.node({ op: 'MatMul', inputs: [input, transposed] })
}

/**
 * The gated product of an MLP: activation(gate) · up. On CUDA, SiLU's is one pass over memory in
 * place of two, by GatedRMSNorm, whose kernel for the CPU is so slow that it doubles a forward pass.
 * It computes up · rsqrt(mean(up²) + ε) · scale · SiLU(gate) in fp32, and an ε beside which the
 * mean vanishes, with its root for the scale, leaves up · SiLU(gate).
 */
export function createGate(
  graph: Graph,
  { activation, intermediate }: Decoder,
  { target }: Weights,
): (gate: string, up: string) => string {
  const domain = 'com.microsoft'
  if (target.provider === 'cuda' && activation === 'silu') {
    // Powers of two are exact; float16 ends at 2¹⁵.
    const power = target.type === 'F16' ? 15 : 30
    const shape = graph.constant([intermediate])
    const scales = graph.node({ op: 'Expand', inputs: [graph.scalar(2 ** power), shape] })
    const scale = cast(graph, scales, target.type)
    const attributes = { epsilon: { float: 2 ** (2 * power) } }
    return (gate, up) =>
      graph.node({ op: 'GatedRMSNorm', domain, inputs: [up, scale, gate], attributes })
  }
  return (gate, up) => {
    const active =
      activation === 'gelu_tanh'
        ? graph.node({ op: 'FastGelu', domain, inputs: [gate] })
        : // x · sigmoid(1 · x), which is SiLU.
          graph.node({
            op: 'QuickGelu',
            domain,
            inputs: [gate],
            attributes: { alpha: { float: 1 } },
          })
    return graph.node({ op: 'Mul', inputs: [active, up] })
  }
}
