/** A folder with a ready-made ONNX model: what its config.json says of it. */
import { z } from 'zod'
import { architectureOf, architecturesWith } from './config.ts'
import { parse, size, tokenId } from './config-fields.ts'
import { InferenceError } from '../errors.ts'
import type { ModelFolder } from './folder.ts'

export interface ReadyMadeConfig {
  /** The longest sequence it takes, in tokens. */
  context: number
  vocabulary: number
}

const Config = z.object({
  model_type: z.string(),
  max_position_embeddings: size,
  vocab_size: size,
  pad_token_id: tokenId.nullish(),
})

/** Their positions begin after that of the padding token. */
const positionsAfterPadding = new Set([
  'roberta',
  'xlm-roberta',
  'xlm-roberta-xl',
  'camembert',
  'mpnet',
])

/** transformers writes a huge number where a tokenizer knows no limit. */
const Tokenizer = z.object({ model_max_length: z.number().min(1).catch(Infinity) })

/** Throws an `InferenceError` when it is no classifier of sequences. */
export function readReadyMadeConfig(folder: ModelFolder): ReadyMadeConfig {
  const name = architectureOf(folder.config)
  if (!name.endsWith('ForSequenceClassification')) {
    throw new InferenceError(
      'model',
      `${folder.path}: a ready-made graph of the architecture ${name} is not supported; supported are ${architecturesWith('classifier')}`,
    )
  }
  const config = parse(Config, folder.config, folder.path)
  const tokenizer = parse(Tokenizer, folder.tokenizerConfig, folder.path, 'tokenizer_config.json')
  const unused = positionsAfterPadding.has(config.model_type) ? 1 + (config.pad_token_id ?? 1) : 0
  return {
    context: Math.min(
      config.max_position_embeddings - unused,
      Math.floor(tokenizer.model_max_length),
    ),
    vocabulary: config.vocab_size,
  }
}
