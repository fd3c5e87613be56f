/** `…ForSequenceClassification` of transformers: one linear layer without a bias. */
import { addLinear } from '../layers.ts'
import type { ClassifierHead } from './head.ts'
import { pooledPosition } from './pooling.ts'

export const linearHead: ClassifierHead = {
  count: 1,
  reads: (ids, padToken) => [pooledPosition(ids, padToken)],
  add({ graph, decoder, weights, states }) {
    const name = 'score'
    // Configs of reward models often leave the number of labels unset; the weight knows it.
    const from = decoder.hidden
    const logits = addLinear(graph, weights, { input: states, name, to: null, from, bias: false })
    return { logits, width: weights.shape(`${name}.weight`)[0] ?? 0 }
  },
}
