/** config.json and generation_config.json of the models this runtime knows. */
import { z } from 'zod'
import { parse, tokenId } from './config-fields.ts'
import type { Decoder } from './decoder.ts'
import { InferenceError } from './errors.ts'
import { gemma2, gemma3, llama, mistral, qwen2, qwen3, type ReadDecoder } from './families.ts'
import type { ModelFolder } from './folder.ts'

/** What a model computes at a position: one logit per label, or one per token. */
export type Head = 'classifier' | 'causal'

const architectures: Readonly<Record<string, { head: Head; read: ReadDecoder }>> = {
  LlamaForSequenceClassification: { head: 'classifier', read: llama },
  MistralForSequenceClassification: { head: 'classifier', read: mistral },
  Qwen2ForSequenceClassification: { head: 'classifier', read: qwen2 },
  Qwen3ForSequenceClassification: { head: 'classifier', read: qwen3 },
  Gemma2ForSequenceClassification: { head: 'classifier', read: gemma2 },
  Gemma3TextForSequenceClassification: { head: 'classifier', read: gemma3 },
  LlamaForCausalLM: { head: 'causal', read: llama },
}

/** The architectures that have this head, for messages. */
const architecturesWith = (wanted: Head) =>
  Object.keys(architectures)
    .filter((name) => architectures[name]?.head === wanted)
    .join(', ')

const Architectures = z.object({ architectures: z.array(z.string()).min(1) })

/**
 * Checks what is known of a model before its weights are there; `paths` are its files. Throws an
 * `InferenceError` when it cannot run here, or has another head.
 */
export const checkModel =
  (wanted: Head) =>
  ({ id, config, paths }: { id: string; config: unknown; paths: readonly string[] }): void => {
    if (paths.some((path) => /^model\.safetensors(\.index\.json)?$/.test(path))) {
      readConfig({ path: id, config }, wanted)
    } else if (wanted === 'causal') {
      // A ready-made graph tells itself what it computes, but generates nothing.
      throw new InferenceError(
        'model',
        `${id} has no model.safetensors, which a policy is loaded from; choose another model or revision`,
      )
    }
  }

/**
 * What the model computes. Throws an `InferenceError` when config.json describes one that this
 * runtime cannot run, or one with another head.
 */
export function readConfig(
  { path, config }: Pick<ModelFolder, 'path' | 'config'>,
  wanted: Head,
): Decoder {
  const named = Architectures.safeParse(config)
  const architecture = named.data?.architectures[0] ?? 'one that is not named'
  const known = Object.hasOwn(architectures, architecture) ? architectures[architecture] : undefined
  if (known === undefined) {
    throw new InferenceError(
      'model',
      `${path}: the architecture ${architecture} is not supported; supported are ${architecturesWith('classifier')} as reward models and ${architecturesWith('causal')} as policies`,
    )
  }
  if (known.head !== wanted) {
    throw new InferenceError(
      'model',
      `${path} holds a ${known.head} model, needed is a ${wanted} one (${architecturesWith(wanted)})`,
    )
  }
  return known.read(config, path)
}

const GenerationFields = z.object({
  eos_token_id: z.union([tokenId, z.array(tokenId)]).nullish(),
  temperature: z.number().min(0).nullish(),
  top_p: z.number().gt(0).max(1).nullish(),
})

export interface GenerationDefaults {
  /** Tokens that end an answer. */
  eosTokens: readonly number[]
  temperature: number
  topP: number
}

/** How the model's makers want it sampled; temperature 1 and top_p 1 where they do not say. */
export function readGenerationDefaults(folder: ModelFolder, decoder: Decoder): GenerationDefaults {
  const fields = parse(
    GenerationFields,
    folder.generationConfig ?? {},
    folder.path,
    'generation_config.json',
  )
  return {
    eosTokens: [fields.eos_token_id ?? decoder.eosTokens].flat(),
    temperature: fields.temperature ?? 1,
    topP: fields.top_p ?? 1,
  }
}
