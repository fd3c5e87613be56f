/**
 * The value head that trainers put on a causal model: TRL's and LLaMA-Factory's `v_head.summary`,
 * which has a bias, and OpenRLHF's `value_head` or `score`, which has none.
 */
import type { ModelFolder } from '../../model/folder.ts'
import { addLinear } from '../layers.ts'
import type { ClassifierHead } from './head.ts'

const names = ['v_head.summary', 'value_head', 'score']

/** Null where the folder's weights have none. */
export function valueHead({ tensors }: Pick<ModelFolder, 'tensors'>): ClassifierHead | null {
  const name = names.find((candidate) => tensors.has(`${candidate}.weight`))
  if (name === undefined) return null
  return {
    count: 1,
    // They pool by the attention mask: a token counts even if it is the one for padding.
    reads: (ids) => [ids.length - 1],
    add({ graph, decoder, weights, states }) {
      const bias = tensors.has(`${name}.bias`)
      const from = decoder.hidden
      return {
        logits: addLinear(graph, weights, { input: states, name, to: 1, from, bias }),
        width: 1,
      }
    },
  }
}
