/** config.json and generation_config.json of the models this runtime knows. */
import { z } from 'zod'
import { parse, tokenId } from './config-fields.ts'
import type { Decoder } from './decoder.ts'
import { InferenceError } from '../errors.ts'
import {
  byModelType,
  gemma2,
  gemma3,
  llama,
  mistral,
  qwen2,
  qwen3,
  type ReadDecoder,
} from './families.ts'
import { type ModelFolder, valueHeadFile } from './folder.ts'
import { gatedHead } from '../graph/heads/gated.ts'
import type { ClassifierHead } from '../graph/heads/head.ts'
import { linearHead } from '../graph/heads/linear.ts'
import { mlpHead } from '../graph/heads/mlp.ts'
import { valueHead } from '../graph/heads/value.ts'

/** What a model is asked for: one logit per label, or one per token. */
export type Head = 'classifier' | 'causal'

type Kind = 'linear' | 'mlp' | 'gated' | 'value'

interface Architecture {
  read: ReadDecoder
  /** That of the class as a reward model. */
  head: Kind
  /** Whether this runtime writes text with it too. */
  causal?: true
}

const architectures: Readonly<Record<string, Architecture>> = {
  LlamaForSequenceClassification: { read: llama, head: 'linear' },
  MistralForSequenceClassification: { read: mistral, head: 'linear' },
  Qwen2ForSequenceClassification: { read: qwen2, head: 'linear' },
  Qwen3ForSequenceClassification: { read: qwen3, head: 'linear' },
  Gemma2ForSequenceClassification: { read: gemma2, head: 'linear' },
  Gemma3TextForSequenceClassification: { read: gemma3, head: 'linear' },
  INFORMForSequenceClassification: { read: llama, head: 'mlp' },
  LlamaForRewardModelWithGating: { read: llama, head: 'gated' },
  LlamaForCausalLM: { read: llama, head: 'value', causal: true },
  MistralForCausalLM: { read: mistral, head: 'value' },
  Qwen2ForCausalLM: { read: qwen2, head: 'value' },
  Qwen3ForCausalLM: { read: qwen3, head: 'value' },
  Gemma2ForCausalLM: { read: gemma2, head: 'value' },
  Gemma3ForCausalLM: { read: gemma3, head: 'value' },
  // OpenRLHF calls its class so whatever the decoder is.
  RewardModel: { read: byModelType, head: 'value' },
}

const named = (fits: (architecture: Architecture) => boolean) =>
  Object.entries(architectures)
    .filter(([, architecture]) => fits(architecture))
    .map(([name]) => name)
    .join(', ')

/** The architectures that have this head, for messages. */
export function architecturesWith(wanted: Head): string {
  if (wanted === 'causal') return named(({ causal }) => causal === true)
  const whole = named(({ head }) => head !== 'value')
  const value = named(({ head }) => head === 'value')
  return `${whole}, with a value head ${value}, and any …ForSequenceClassification with a model.onnx`
}

const Architectures = z.object({ architectures: z.array(z.string()).min(1) })

/**
 * Checks what is known of a model before its weights are there; `paths` are its files. Throws an
 * `InferenceError` when it cannot run here, or has another head.
 */
export const checkModel =
  (wanted: Head) =>
  ({ id, config, paths }: { id: string; config: unknown; paths: readonly string[] }): void => {
    if (paths.some((path) => /^model\.safetensors(\.index\.json)?$/.test(path))) {
      const { read } = expectArchitecture({ path: id, config }, wanted)
      read(config, id)
      const aside = wanted === 'classifier' && architectureOf(config).endsWith('ForCausalLM')
      // A value head may be among the other weights too, which are large: who knows gives a folder.
      if (aside && !paths.includes(valueHeadFile)) throw noValueHead(id, valueHeadFile)
    } else if (wanted === 'causal') {
      // A ready-made graph tells itself what it computes, but generates nothing.
      throw new InferenceError(
        'model',
        `${id} has no model.safetensors, which a policy is loaded from; choose another model or revision`,
      )
    }
  }

/** The class that config.json names. */
export const architectureOf = (config: unknown): string =>
  Architectures.safeParse(config).data?.architectures[0] ?? 'one that is not named'

/**
 * Throws an `InferenceError` when the class that config.json names is none that this runtime can
 * use so; whether a causal model has a value head, its weights alone say.
 */
export function expectArchitecture(
  { path, config }: Pick<ModelFolder, 'path' | 'config'>,
  wanted: Head,
): Architecture {
  const name = architectureOf(config)
  const known = Object.hasOwn(architectures, name) ? architectures[name] : undefined
  if (known === undefined) {
    throw new InferenceError(
      'model',
      `${path}: the architecture ${name} is not supported; supported are ${architecturesWith('classifier')} as reward models and ${architecturesWith('causal')} as policies`,
    )
  }
  if (wanted === 'causal' && known.causal !== true) {
    throw new InferenceError(
      'model',
      `${path} holds a ${name}, which is no policy here; needed is one of ${architecturesWith('causal')}`,
    )
  }
  return known
}

/** Throws an `InferenceError` when the folder holds no policy that this runtime can run. */
export function readPolicyConfig(folder: ModelFolder): Decoder {
  const { read } = expectArchitecture(folder, 'causal')
  if (folder.graph === null) return read(folder.config, folder.path)
  throw new InferenceError(
    'model',
    `${folder.path} has no model.safetensors, which a policy is loaded from; a model.onnx is for reward models`,
  )
}

/** Throws an `InferenceError` when the folder describes no reward model that this runtime can run. */
export function readClassifierConfig(folder: ModelFolder): {
  decoder: Decoder
  head: ClassifierHead
} {
  const { head, read } = expectArchitecture(folder, 'classifier')
  return { decoder: read(folder.config, folder.path), head: headOf(folder, head) }
}

function headOf(folder: ModelFolder, head: Kind): ClassifierHead {
  if (head === 'linear') return linearHead
  if (head === 'mlp') return mlpHead
  if (head === 'gated') return gatedHead(folder)
  const value = valueHead(folder)
  if (value !== null) return value
  throw noValueHead(folder.path, 'v_head.summary, value_head or score in its weights')
}

const noValueHead = (path: string, missing: string) =>
  new InferenceError(
    'model',
    `${path} holds a causal model without a value head (${missing}); needed is a reward model: ${architecturesWith('classifier')}`,
  )

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
