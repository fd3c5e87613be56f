/** Attention of rows that continue one prompt, for decoding. */
import type { Decoder } from '../../model/decoder.ts'
import type { Graph } from '../onnx/graph.ts'
import { type Attention, rotaryTables } from './attention.ts'

/**
 * Attention of new tokens over a prompt that all rows share, then over the row's own tokens, then
 * over the new ones. The prompt's cache exists once, is read once per step for all rows, and no
 * cache is ever an output: ONNX Runtime's Node binding copies every output. Knows one rotation, and
 * neither windows nor capped scores.
 *
 * Inputs, with R rows, T new tokens, P prompt and S own positions, L = P + S + T: per layer
 * `prompt_key.i`, `prompt_value.i` [kvHeads, P, headSize] and `own_key.i`, `own_value.i`
 * [kvHeads, R, S, headSize]; `mask` [T, L], added to the scores; `offset` [1], the position of the
 * first new token; the rotary tables; and what the graph cannot know by itself: `parts` = [P, S,
 * T], `scores_shape` = [kvHeads, R, groups, T, L], `prompt_shape` = [kvHeads, R, groups · T, P],
 * `prompt_rows` = [kvHeads, R · groups · T, P], `own_rows` = [kvHeads, R, groups · T, S],
 * `new_rows` = [kvHeads, R, groups · T, T], `mixed_shape` = [kvHeads, R, groups, T, headSize]. P and S are at least 1: an empty part is one masked
 * position. Outputs per layer: `new_key.i`, `new_value.i` [kvHeads, R, T, headSize].
 */
export function sharedPromptAttention(graph: Graph, decoder: Decoder): Attention {
  const { heads, kvHeads, headSize } = decoder
  const groups = heads / kvHeads
  const { cos, sin } = rotaryTables(graph, decoder, 'F32')(0)
  const offset = graph.input('offset', 'I64', [1])
  const mask = graph.input('mask', 'F32', ['new', 'all'])
  const parts = graph.input('parts', 'I64', [3])
  const scoresShape = graph.input('scores_shape', 'I64', [5])
  const promptShape = graph.input('prompt_shape', 'I64', [4])
  const promptRows = graph.input('prompt_rows', 'I64', [3])
  const ownRows = graph.input('own_rows', 'I64', [4])
  const newRows = graph.input('new_rows', 'I64', [4])
  const mixedShape = graph.input('mixed_shape', 'I64', [5])

  const reshape = (value: string, shape: string) =>
    graph.node({ op: 'Reshape', inputs: [value, shape] })
  const transpose = (value: string, ...order: readonly number[]) =>
    graph.node({ op: 'Transpose', inputs: [value], attributes: { perm: { ints: order } } })
  const rotate = (value: string) =>
    graph.node({
      op: 'RotaryEmbedding',
      domain: 'com.microsoft',
      inputs: [value, offset, cos, sin],
    })
  const score = (queries: string, keys: string) =>
    graph.node({
      op: 'FusedMatMul',
      domain: 'com.microsoft',
      inputs: [queries, keys],
      attributes: { transB: { int: 1 }, alpha: { float: decoder.attentionScale } },
    })
  const multiply = (a: string, b: string) => graph.node({ op: 'MatMul', inputs: [a, b] })
  const add = (a: string, b: string) => graph.node({ op: 'Add', inputs: [a, b] })
  /** [R, T, kvHeads · headSize] to the output [kvHeads, R, T, headSize]. */
  const split = (value: string, name: string) => {
    const shaped = reshape(value, graph.constant([0, 0, kvHeads, headSize]))
    graph.output(name, 'F32', [kvHeads, 'rows', 'new', headSize])
    return graph.node({
      op: 'Transpose',
      inputs: [shaped],
      outputs: [name],
      attributes: { perm: { ints: [2, 0, 1, 3] } },
    })
  }

  const mix: Attention['mix'] = (layer, query, key, value) => {
    const prompt = (name: string) =>
      graph.input(`prompt_${name}.${layer}`, 'F32', [kvHeads, 'prompt', headSize])
    const own = (name: string) =>
      graph.input(`own_${name}.${layer}`, 'F32', [kvHeads, 'rows', 'own', headSize])
    const newKeys = split(rotate(key), `new_key.${layer}`)
    const newValues = split(value, `new_value.${layer}`)
    const grouped = reshape(rotate(query), graph.constant([0, 0, kvHeads, groups, headSize]))
    const byHead = transpose(grouped, 2, 0, 3, 1, 4)
    const queries = reshape(byHead, graph.constant([0, 0, -1, headSize]))
    // One product for the queries of all rows: the prompt's keys are read once.
    const allQueries = reshape(byHead, graph.constant([0, -1, headSize]))
    const scores = graph.node({
      op: 'Concat',
      inputs: [
        reshape(score(allQueries, prompt('key')), promptShape),
        score(queries, own('key')),
        score(queries, newKeys),
      ],
      attributes: { axis: { int: -1 } },
    })
    const probabilities = graph.node({
      op: 'Softmax',
      inputs: [add(reshape(scores, scoresShape), mask)],
      attributes: { axis: { int: -1 } },
    })
    const [toPrompt, toOwn, toNew] = [`to_prompt.${layer}`, `to_own.${layer}`, `to_new.${layer}`]
    graph.node({
      op: 'Split',
      inputs: [probabilities, parts],
      outputs: [toPrompt, toOwn, toNew],
      attributes: { axis: { int: -1 } },
    })
    const fromPrompt = multiply(reshape(toPrompt, promptRows), prompt('value'))
    const fromOwn = multiply(reshape(toOwn, ownRows), own('value'))
    const fromNew = multiply(reshape(toNew, newRows), newValues)
    const fromRow = reshape(add(fromOwn, fromNew), graph.constant([0, -1, headSize]))
    // [kvHeads, R · groups · T, headSize] back to [R, T, heads · headSize].
    const mixed = reshape(add(fromPrompt, fromRow), mixedShape)
    return reshape(transpose(mixed, 1, 3, 0, 2, 4), graph.constant([0, 0, heads * headSize]))
  }
  return { mix, normsHeads: false }
}
