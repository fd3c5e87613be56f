/** What config.json may hold, family by family; a field left out means what transformers says. */
import { z } from 'zod'
import { size, tokenId } from './config-fields.ts'
import { oneRope, RopeParameters, ropeFields } from './rope-fields.ts'

const fields = {
  hidden_size: size,
  intermediate_size: size,
  // More than any model has, and few enough to be counted in memory.
  num_hidden_layers: size.max(10_000),
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  vocab_size: size,
  rms_norm_eps: z.number().positive(),
  tie_word_embeddings: z.boolean().default(false),
  pad_token_id: tokenId.nullish(),
  eos_token_id: z.union([tokenId, z.array(tokenId)]).nullish(),
  ...ropeFields,
}
/** What every family's config.json has. */
export const Fields = z.object(fields)
const silu = { hidden_act: z.literal('silu').default('silu') }
const window = { sliding_window: size.nullable().default(4096) }
const LayerTypes = z.array(z.enum(['full_attention', 'sliding_attention']))
export const layerTypes = { layer_types: LayerTypes.nullish() }

export const Llama = z.object({
  ...fields,
  ...silu,
  ...oneRope,
  model_type: z.literal('llama'),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
})

export const Mistral = z.object({
  ...fields,
  ...silu,
  ...oneRope,
  ...window,
  model_type: z.literal('mistral'),
  num_key_value_heads: size.nullable().default(8),
})

export const qwenFields = {
  ...fields,
  ...silu,
  ...oneRope,
  ...window,
  ...layerTypes,
  num_key_value_heads: size.nullable().default(32),
  use_sliding_window: z.boolean().default(false),
  max_window_layers: z.number().int().min(0).default(28),
}
export const Qwen2 = z.object({ ...qwenFields, model_type: z.literal('qwen2') })
export const Qwen3 = z.object({
  ...qwenFields,
  model_type: z.literal('qwen3'),
  head_dim: size.default(128),
  attention_bias: z.boolean().default(false),
})

const gemmaFields = {
  ...fields,
  ...window,
  ...layerTypes,
  num_key_value_heads: size.default(4),
  head_dim: size.default(256),
  hidden_activation: z.literal('gelu_pytorch_tanh').default('gelu_pytorch_tanh'),
  attention_bias: z.boolean().default(false),
  query_pre_attn_scalar: z.number().positive().default(256),
  use_bidirectional_attention: z.literal(false).nullish(),
  pad_token_id: tokenId.nullable().default(0),
}
export const Gemma2 = z.object({
  ...gemmaFields,
  ...oneRope,
  model_type: z.literal('gemma2'),
  attn_logit_softcapping: z.number().positive().nullable().default(50),
})
export const Gemma3 = z.object({
  ...gemmaFields,
  model_type: z.literal('gemma3_text'),
  sliding_window_pattern: size.default(6),
  rope_local_base_freq: z.number().positive().nullish(),
  rope_scaling: z.looseObject({}).nullish(),
  rope_parameters: z
    .object({
      full_attention: z.looseObject({}).nullish(),
      sliding_attention: RopeParameters.nullish(),
    })
    .nullish(),
})
