/** From a model folder to a model that ONNX Runtime takes. */
import { packedAttention, sharedPromptAttention } from './attention.ts'
import { type Head, readClassifierConfig, readPolicyConfig } from './config.ts'
import type { Decoder } from './decoder.ts'
import { addDecoder } from './decoder-graph.ts'
import type { ModelFolder } from './folder.ts'
import type { AddHead, ClassifierHead } from './heads/head.ts'
import { addTokenHead } from './heads/tokens.ts'
import { addHead } from './heads.ts'
import { createGraph } from './onnx/graph.ts'
import { weightsDirectory, weightsOf } from './weights.ts'

export interface BuiltModel {
  decoder: Decoder
  /** The ONNX model; its weights are ranges of files below `directory`. */
  onnx: Uint8Array
  directory: string
  /** Logits per position. */
  width: number
  /** Whether ONNX Runtime uses the files' pages as they are, without a copy in memory. */
  mapped: boolean
}

/**
 * A reward model. Throws an `InferenceError` when the folder holds another kind of model, or its
 * weights and config.json do not fit together.
 */
export function buildClassifier(folder: ModelFolder): BuiltModel & Pick<ClassifierHead, 'reads'> {
  const { head, decoder } = readClassifierConfig(folder)
  return { reads: head.reads, ...build(folder, 'classifier', decoder, head.add) }
}

/** A policy; throws as `buildClassifier` does. */
export const buildPolicy = (folder: ModelFolder): BuiltModel =>
  build(folder, 'causal', readPolicyConfig(folder), addTokenHead)

function build(
  folder: ModelFolder,
  head: Head,
  decoder: Decoder,
  add: AddHead,
): BuiltModel {
  const graph = createGraph()
  const weights = weightsOf(folder, graph)
  const attention = head === 'causal' ? sharedPromptAttention : packedAttention
  const states = addDecoder(graph, decoder, weights, attention(graph, decoder))
  const width = addHead(graph, add, decoder, weights, states)
  return {
    decoder,
    onnx: graph.encode(),
    directory: weightsDirectory(folder),
    width,
    mapped: [...folder.tensors.values()].every(({ dtype }) => dtype === 'F32'),
  }
}
