/** What stands on the decoder. */
import type { Head } from './config.ts'
import type { Decoder } from './decoder.ts'
import { addLinear, addNorm } from './layers.ts'
import type { Graph } from './onnx/graph.ts'
import { cast, type Weights } from './weights.ts'

/**
 * Adds the last norm and the head to picked states [batch, count, hidden], in the type of
 * `weights`: the output `logits` is [batch, count, width]. Returns the width: labels of a
 * classifier, or tokens.
 */
export function addHead(
  graph: Graph,
  head: Head,
  decoder: Decoder,
  weights: Weights,
  states: string,
): number {
  const typed = cast(graph, states, weights.target.type)
  const input = addNorm(graph, decoder, weights, typed, 'model.norm')
  const name = head === 'classifier' ? 'score' : decoder.tied ? 'model.embed_tokens' : 'lm_head'
  // Configs of reward models often leave the number of labels unset; the weight knows it.
  const to = head === 'classifier' ? null : decoder.vocabulary
  const logits = addLinear(graph, weights, { input, name, to, from: decoder.hidden, bias: false })
  const width = weights.shape(`${name}.weight`)[0] ?? 0
  graph.node({ op: 'Identity', inputs: [logits], outputs: ['logits'] })
  graph.output('logits', 'F32', ['batch', 'count', width])
  return width
}

/**
 * The position whose state a classifier scores, by the rule of transformers: the last token that
 * is not padding (the first one if all are), or the last token where no padding token is set.
 */
export function pooledPosition(ids: Int32Array, padToken: number | null): number {
  const last = padToken === null ? ids.length - 1 : ids.findLastIndex((id) => id !== padToken)
  return Math.max(0, last)
}
