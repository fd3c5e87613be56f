/** INF-ORM's head: two linear layers with biases and a ReLU between. */
import { addLinear } from '../layers.ts'
import type { ClassifierHead } from './head.ts'
import { pooledPosition } from './pooling.ts'

/** Places in the `Sequential` that INF-ORM calls `score`. */
const [inner, outer] = ['score.0', 'score.2']

export const mlpHead: ClassifierHead = {
  count: 1,
  reads: (ids, padToken) => [pooledPosition(ids, padToken)],
  add({ graph, decoder, weights, states }) {
    const { hidden } = decoder
    const linear = (input: string, name: string, to: number | null) =>
      addLinear(graph, weights, { input, name, to, from: hidden, bias: true })
    const active = graph.node({ op: 'Relu', inputs: [linear(states, inner, hidden)] })
    const logits = linear(active, outer, null)
    return { logits, width: weights.shape(`${outer}.weight`)[0] ?? 0 }
  },
}
