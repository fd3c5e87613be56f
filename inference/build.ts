/** From a model folder to a model that ONNX Runtime takes. */
import { sharedPromptAttention, wholeAttention } from './attention.ts'
import { type Head, type LlamaConfig, readConfig } from './config.ts'
import type { ModelFolder } from './folder.ts'
import { addHead } from './heads.ts'
import { addLlama } from './llama.ts'
import { createGraph } from './onnx/graph.ts'
import { weightsDirectory, weightsOf } from './weights.ts'

export interface BuiltModel {
  head: Head
  config: LlamaConfig
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
  const { head, config } = readConfig(folder)
  const graph = createGraph()
  const weights = weightsOf(folder, graph)
  const attention = head === 'causal' ? sharedPromptAttention : wholeAttention
  const states = addLlama(graph, config, weights, attention(graph, config))
  const width = addHead(graph, head, config, weights, states)
  return {
    head,
    config,
    onnx: graph.encode(),
    directory: weightsDirectory(folder),
    width,
    mapped: [...folder.tensors.values()].every(({ dtype }) => dtype === 'F32'),
  }
}
