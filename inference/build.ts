/** From a model folder to a model that ONNX Runtime takes. */
import { sharedPromptAttention, wholeAttention } from './attention.ts'
import { type Head, readConfig } from './config.ts'
import type { Decoder } from './decoder.ts'
import { addDecoder } from './decoder-graph.ts'
import type { ModelFolder } from './folder.ts'
import { addHead } from './heads.ts'
import { createGraph } from './onnx/graph.ts'
import { weightsDirectory, weightsOf } from './weights.ts'

export interface BuiltModel {
  head: Head
  decoder: Decoder
  /** The ONNX model; its weights are ranges of files below `directory`. */
  onnx: Uint8Array
  directory: string
  /** Logits per position. */
  width: number
  /** Whether ONNX Runtime uses the files' pages as they are, without a copy in memory. */
  mapped: boolean
}

/** Throws an `InferenceError` when the folder's weights and config.json do not fit together. */
export function buildModel(folder: ModelFolder): BuiltModel {
  const { head, decoder } = readConfig(folder)
  const graph = createGraph()
  const weights = weightsOf(folder, graph)
  const attention = head === 'causal' ? sharedPromptAttention : wholeAttention
  const states = addDecoder(graph, decoder, weights, attention(graph, decoder))
  const width = addHead(graph, head, decoder, weights, states)
  return {
    head,
    decoder,
    onnx: graph.encode(),
    directory: weightsDirectory(folder),
    width,
    mapped: [...folder.tensors.values()].every(({ dtype }) => dtype === 'F32'),
  }
}
