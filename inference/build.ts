/** From a model folder to a model that ONNX Runtime takes. */
import { packedAttention } from './attention/packed.ts'
import { sharedPromptAttention } from './attention/shared-prompt.ts'
import { type Head, readConfig } from './config.ts'
import type { Decoder } from './decoder.ts'
import { addDecoder } from './decoder-graph.ts'
import type { ModelFolder } from './folder.ts'
import { addHead } from './heads.ts'
import { createGraph } from './onnx/graph.ts'
import type { Target } from './target.ts'
import { weightsDirectory, weightsOf } from './weights.ts'

export interface BuiltModel {
  decoder: Decoder
  target: Target
  /** The ONNX model; its weights are ranges of files below `directory`. */
  onnx: Uint8Array
  directory: string
  /** Logits per position. */
  width: number
  /** Whether the CPU uses the files' pages as they are, without a copy in memory. */
  mapped: boolean
}

/**
 * Throws an `InferenceError` when the folder holds another kind of model, or its weights and
 * config.json do not fit together.
 */
export function buildModel(folder: ModelFolder, head: Head, target: Target): BuiltModel {
  const decoder = readConfig(folder, head)
  const graph = createGraph()
  const weights = weightsOf(folder, graph, target)
  const attention =
    head === 'causal'
      ? sharedPromptAttention(graph, decoder)
      : packedAttention(graph, decoder, weights)
  const states = addDecoder(graph, decoder, weights, attention)
  // A score is what all else was computed for: its last steps are too few to be worth rounding.
  const headWeights =
    target.type === 'F32' ? weights : weightsOf(folder, graph, { ...target, type: 'F32' })
  const width = addHead(graph, head, decoder, headWeights, states)
  return {
    decoder,
    target,
    onnx: graph.encode(),
    directory: weightsDirectory(folder),
    width,
    mapped:
      target.provider === 'cpu' &&
      [...folder.tensors.values()].every(({ dtype }) => dtype === 'F32'),
  }
}
