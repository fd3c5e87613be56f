/**
 * The head of ArmoRM and QRM: rewards for several objectives from the end of the answer, weighed by
 * a gate that sees the question only. As in modeling_custom.py of RLHFlow/ArmoRM-Llama3-8B-v0.1 and
 * of nicolinho/QRM-Llama3.1-8B.
 */
import { z } from 'zod'
import { parse, size } from '../../model/config-fields.ts'
import { InferenceError } from '../../errors.ts'
import type { ModelFolder } from '../../model/folder.ts'
import { addLinear } from '../layers.ts'
import { readTokenizer } from '../../text/tokenizer.ts'
import type { ClassifierHead, HeadPlace } from './head.ts'
import { pooledPosition } from './pooling.ts'

const Gating = z.object({
  num_objectives: size.default(19),
  gating_temperature: z.number().positive().default(10),
  gating_n_hidden: z.number().int().min(0).default(3),
  /** QRM's: rewards are means over quantiles. */
  num_quantiles: size.nullish(),
})

/** Where a question ends and its answer begins, in Llama 3's chats. */
const answerBegins = '<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n'

/** Of a sequence it reads the state of the pooled token, and that of the token that ends the question. */
export function gatedHead(folder: ModelFolder): ClassifierHead {
  const config = parse(Gating, folder.config, folder.path)
  const marker = readTokenizer(folder).encodeText(answerBegins, { addSpecialTokens: false })
  return {
    count: 2,
    reads: (ids, padToken) => [pooledPosition(ids, padToken), lastPlace(ids, marker)],
    add(place) {
      const { graph, decoder } = place
      const { hidden } = decoder
      const pairs = graph.node({
        op: 'Reshape',
        inputs: [place.states, graph.constant([-1, 2, hidden])],
      })
      const [answer, question] = ['answer state', 'question state']
      graph.node({
        op: 'Split',
        inputs: [pairs],
        outputs: [answer, question],
        attributes: { axis: { int: 1 }, num_outputs: { int: 2 } },
      })
      const flat = (state: string) =>
        graph.node({ op: 'Reshape', inputs: [state, graph.constant([-1, hidden])] })
      const rewards = addRewards(place, config, flat(answer))
      const gate = addGate(place, config, flat(question))
      const reshape = (value: string, ...shape: readonly number[]) =>
        graph.node({ op: 'Reshape', inputs: [value, graph.constant(shape)] })
      const objectives = config.num_objectives
      // A product per row: how a sum's terms are grouped would depend on where in memory a row lies.
      const score = graph.node({
        op: 'MatMul',
        inputs: [reshape(gate, -1, 1, objectives), reshape(rewards, -1, objectives, 1)],
      })
      return { logits: reshape(score, 1, -1, 1), width: 1 }
    },
  }
}

type Config = z.infer<typeof Gating>

/** Rewards [rows, objectives] with the influence of one on another taken out. */
function addRewards({ graph, decoder, weights }: HeadPlace, config: Config, input: string): string {
  const { num_objectives: objectives } = config
  const quantiles = config.num_quantiles ?? 1
  const { hidden } = decoder
  const stored = weights.computed('regression_layer.weight', [objectives * quantiles, hidden])
  const shape = graph.constant([objectives, quantiles, hidden])
  // The mean of the quantiles' rewards is the reward of their mean weights, which is known ahead.
  const weight = graph.node({
    op: 'ReduceMean',
    inputs: [graph.node({ op: 'Reshape', inputs: [stored, shape] }), graph.constant([1])],
    attributes: { keepdims: { int: 0 } },
  })
  const rewards = graph.node({
    op: 'FusedMatMul',
    domain: 'com.microsoft',
    inputs: [input, weight],
    attributes: { transB: { int: 1 } },
  })
  const transform = weights.computed('reward_transform_matrix', [objectives, objectives])
  return graph.node({ op: 'MatMul', inputs: [rewards, transform] })
}

/** Weights of the objectives, [rows, objectives]. */
function addGate({ graph, decoder, weights }: HeadPlace, config: Config, input: string): string {
  const { gating_n_hidden: depth, gating_temperature: temperature } = config
  const normed = config.num_quantiles !== null && config.num_quantiles !== undefined
  // With batch norms, every hidden layer is three places of the list: linear, ReLU, norm.
  const name = (layer: number, part = 0) => `gating.layers.${layer * (normed ? 3 : 1) + part}`
  let state = input
  let from = decoder.hidden
  for (let layer = 0; layer < depth; layer++) {
    const bias = !normed
    const linear = addLinear(graph, weights, {
      input: state,
      name: name(layer),
      to: null,
      from,
      bias,
    })
    from = weights.shape(`${name(layer)}.weight`)[0] ?? 0
    state = graph.node({ op: 'Relu', inputs: [linear] })
    if (normed) {
      const part = (tensor: string) => weights.computed(`${name(layer, 2)}.${tensor}`, [from])
      state = graph.node({
        op: 'BatchNormalization',
        inputs: [state, ...['weight', 'bias', 'running_mean', 'running_var'].map(part)],
      })
    }
  }
  const to = config.num_objectives
  const last = addLinear(graph, weights, { input: state, name: name(depth), to, from, bias: true })
  const cooled = graph.node({ op: 'Div', inputs: [last, graph.scalar(temperature)] })
  const shares = graph.node({ op: 'Softmax', inputs: [cooled], attributes: { axis: { int: 1 } } })
  return graph.node({ op: 'Mul', inputs: [shares, weights.computed('gating.logit_scale', [1])] })
}

/** Where the marker begins for the last time. */
function lastPlace(ids: Int32Array, marker: Int32Array): number {
  for (let place = ids.length - marker.length; place >= 0; place--) {
    if (marker.every((id, index) => ids[place + index] === id)) return place
  }
  throw new InferenceError(
    'prompt',
    `this model weighs an answer by its question, and there is no answer that follows a question in Llama 3's chat format (${JSON.stringify(answerBegins)})`,
  )
}
