/** The head of a causal model: one logit per token. */
import { addLinear } from '../layers.ts'
import type { AddHead } from './head.ts'

export const addTokenHead: AddHead = ({ graph, decoder, weights, states }) => {
  const { vocabulary, hidden } = decoder
  const name = decoder.tied ? 'model.embed_tokens' : 'lm_head'
  const logits = addLinear(graph, weights, {
    input: states,
    name,
    to: vocabulary,
    from: hidden,
    bias: false,
  })
  return { logits, width: vocabulary }
}
