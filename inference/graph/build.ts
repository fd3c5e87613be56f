/** From a model folder to a model that ONNX Runtime takes. */
import { packedAttention } from './attention/packed.ts'
import { sharedPromptAttention } from './attention/shared-prompt.ts'
import { type Head, readPolicyConfig } from '../model/config.ts'
import type { Decoder } from '../model/decoder.ts'
import { addDecoder } from './decoder-graph.ts'
import type { ModelFolder } from '../model/folder.ts'
import { weightsAreMapped } from '../model/memory.ts'
import type { AddHead, ClassifierHead } from './heads/head.ts'
import { addTokenHead } from './heads/tokens.ts'
import { addHead } from './add-head.ts'
import { createGraph } from './onnx/graph.ts'
import type { Target } from '../runtime/target.ts'
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

/** A reward model as its folder describes it. */
export interface ClassifierModel {
  decoder: Decoder
  head: ClassifierHead
}

/**
 * Throws an `InferenceError` when the weights and config.json do not fit together, or the target
 * computes another thing than the model needs.
 */
export const buildClassifier = (
  folder: ModelFolder,
  { decoder, head }: ClassifierModel,
  target: Target,
): BuiltModel => build(folder, 'classifier', decoder, head.add, target)

/**
 * A policy. Throws an `InferenceError` when the folder holds another kind of model, or its weights
 * and config.json do not fit together.
 */
export const buildPolicy = (folder: ModelFolder, target: Target): BuiltModel =>
  build(folder, 'causal', readPolicyConfig(folder), addTokenHead, target)

function build(
  folder: ModelFolder,
  head: Head,
  decoder: Decoder,
  add: AddHead,
  target: Target,
): BuiltModel {
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
  const width = addHead(graph, add, decoder, headWeights, states)
  return {
    decoder,
    target,
    onnx: graph.encode(),
    directory: weightsDirectory(folder),
    width,
    mapped: weightsAreMapped(folder, target),
  }
}
