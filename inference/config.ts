/** config.json and generation_config.json of the families this runtime knows. */
import { z } from 'zod'
import { InferenceError } from './errors.ts'
import type { ModelFolder } from './folder.ts'

const size = z.number().int().min(1)
const tokenId = z.number().int().min(0)

const Rope = z.discriminatedUnion('rope_type', [
  z.object({ rope_type: z.literal('default') }),
  z.object({
    rope_type: z.literal('llama3'),
    factor: z.number().positive(),
    low_freq_factor: z.number().positive(),
    high_freq_factor: z.number().positive(),
    original_max_position_embeddings: size,
  }),
])
export type Rope = z.infer<typeof Rope>

/** Older files say `rope_theta` and `rope_scaling` (`type`), newer ones `rope_parameters`. */
const RopeFields = z.looseObject({
  type: z.string().nullish(),
  rope_type: z.string().nullish(),
  rope_theta: z.number().positive().nullish(),
})

const LlamaFields = z.object({
  model_type: z.literal('llama'),
  hidden_act: z.literal('silu').default('silu'),
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  vocab_size: size,
  max_position_embeddings: size,
  rms_norm_eps: z.number().positive(),
  rope_theta: z.number().positive().nullish(),
  rope_scaling: RopeFields.nullish(),
  rope_parameters: RopeFields.nullish(),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  tie_word_embeddings: z.boolean().default(false),
  pad_token_id: tokenId.nullish(),
  eos_token_id: z.union([tokenId, z.array(tokenId)]).nullish(),
})

export interface LlamaConfig {
  hidden: number
  intermediate: number
  layers: number
  heads: number
  kvHeads: number
  headSize: number
  vocabulary: number
  /** The longest sequence the model takes, in tokens. */
  context: number
  normEpsilon: number
  ropeTheta: number
  rope: Rope
  attentionBias: boolean
  mlpBias: boolean
  tied: boolean
  padToken: number | null
  eosTokens: readonly number[]
}

/** What a model computes at a position: one logit per label, or one per token. */
export type Head = 'classifier' | 'causal'

const architectures: Readonly<Record<string, Head>> = {
  LlamaForSequenceClassification: 'classifier',
  LlamaForCausalLM: 'causal',
}

const Architectures = z.object({ architectures: z.array(z.string()).min(1) })

/** Throws an `InferenceError` when config.json describes a model this runtime cannot run. */
export function readConfig(folder: ModelFolder): { head: Head; config: LlamaConfig } {
  const named = Architectures.safeParse(folder.config)
  const architecture = named.data?.architectures[0] ?? 'one that is not named'
  const head = architectures[architecture]
  if (head === undefined) {
    throw new InferenceError(
      'model',
      `${folder.path}: the architecture ${architecture} is not supported; supported are ${Object.keys(architectures).join(', ')}`,
    )
  }
  const fields = parse(LlamaFields, folder.config, folder.path)
  const headSize = fields.head_dim ?? fields.hidden_size / fields.num_attention_heads
  const kvHeads = fields.num_key_value_heads ?? fields.num_attention_heads
  if (headSize % 8 !== 0 || fields.num_attention_heads % kvHeads !== 0) {
    throw new InferenceError(
      'model',
      `${folder.path}: config.json asks for ${fields.num_attention_heads} heads over ${kvHeads} key-value heads of size ${headSize}; supported are head sizes that are multiples of 8 and heads that are a multiple of the key-value heads`,
    )
  }
  const scaling = fields.rope_parameters ?? fields.rope_scaling ?? {}
  return {
    head,
    config: {
      hidden: fields.hidden_size,
      intermediate: fields.intermediate_size,
      layers: fields.num_hidden_layers,
      heads: fields.num_attention_heads,
      kvHeads,
      headSize,
      vocabulary: fields.vocab_size,
      context: fields.max_position_embeddings,
      normEpsilon: fields.rms_norm_eps,
      ropeTheta: scaling.rope_theta ?? fields.rope_theta ?? 10_000,
      rope: parse(
        Rope,
        { ...scaling, rope_type: scaling.rope_type ?? scaling.type ?? 'default' },
        folder.path,
      ),
      attentionBias: fields.attention_bias,
      mlpBias: fields.mlp_bias,
      tied: fields.tie_word_embeddings,
      padToken: fields.pad_token_id ?? null,
      eosTokens: [fields.eos_token_id ?? []].flat(),
    },
  }
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
export function readGenerationDefaults(
  folder: ModelFolder,
  config: LlamaConfig,
): GenerationDefaults {
  const fields = parse(
    GenerationFields,
    folder.generationConfig ?? {},
    folder.path,
    'generation_config.json',
  )
  return {
    eosTokens: [fields.eos_token_id ?? config.eosTokens].flat(),
    temperature: fields.temperature ?? 1,
    topP: fields.top_p ?? 1,
  }
}

function parse<S extends z.ZodType>(
  schema: S,
  value: unknown,
  path: string,
  file = 'config.json',
): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new InferenceError(
    'model',
    `${path}: ${file} has ${issue?.path.join('.')} that this runtime does not take: ${issue?.message}`,
  )
}
