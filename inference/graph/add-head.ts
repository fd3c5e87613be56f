/** What stands on the decoder. */
import type { Decoder } from '../model/decoder.ts'
import type { AddHead } from './heads/head.ts'
import { addNorm } from './layers.ts'
import type { Graph } from './onnx/graph.ts'
import { cast, type Weights } from './weights.ts'

/**
 * Adds the last norm and the head to picked states [batch, count, hidden], in the type of
 * `weights`: the output `logits` is [batch, count, width]. Returns the width: labels of a
 * classifier, or tokens.
 */
export function addHead(
  graph: Graph,
  add: AddHead,
  decoder: Decoder,
  weights: Weights,
  states: string,
): number {
  const typed = cast(graph, states, weights.target.type)
  const normed = addNorm(graph, decoder, weights, typed, 'model.norm')
  const { logits, width } = add({ graph, decoder, weights, states: normed })
  graph.node({ op: 'Identity', inputs: [logits], outputs: ['logits'] })
  graph.output('logits', 'F32', ['batch', 'scored', width])
  return width
}
