/** What stands on the decoder: logits at chosen positions only. */
import type { Decoder } from './decoder.ts'
import type { AddHead } from './heads/head.ts'
import { addNorm } from './layers.ts'
import type { Graph } from './onnx/graph.ts'
import { cast, type Weights } from './weights.ts'

/**
 * Adds the last norm and the head, after picking the positions of the input `positions`
 * [count], in the type of `weights`: the output `logits` is [batch, scored, width]. Returns the
 * width: labels of a classifier, or tokens.
 */
export function addHead(
  graph: Graph,
  add: AddHead,
  decoder: Decoder,
  weights: Weights,
  states: string,
): number {
  const positions = graph.input('positions', 'I32', ['count'])
  const picked = graph.node({
    op: 'Gather',
    inputs: [states, positions],
    attributes: { axis: { int: 1 } },
  })
  const normed = addNorm(
    graph,
    decoder,
    weights,
    cast(graph, picked, weights.target.type),
    'model.norm',
  )
  const { logits, width } = add({ graph, decoder, weights, states: normed })
  graph.node({ op: 'Identity', inputs: [logits], outputs: ['logits'] })
  graph.output('logits', 'F32', ['batch', 'scored', width])
  return width
}
