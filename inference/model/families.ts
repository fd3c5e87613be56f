/** The families of decoders: what their config.json means. */
import { z } from 'zod'
import { parse } from './config-fields.ts'
import type { Decoder, DecoderLayer } from './decoder.ts'
import { InferenceError } from '../errors.ts'
import {
  type Fields,
  Gemma2,
  Gemma3,
  type layerTypes,
  Llama,
  Mistral,
  Qwen2,
  Qwen3,
  type qwenFields,
} from './family-fields.ts'
import { oneRopeOf, RopeParameters, ropeOf } from './rope-fields.ts'

/** Reads config.json of one family; `path` is for errors. */
export type ReadDecoder = (config: unknown, path: string) => Decoder

/** What holds for Llama and, where a family does not say otherwise, for the others. */
function plain(config: z.infer<typeof Fields>, path: string): Omit<Decoder, 'ropes' | 'layers'> {
  const heads = config.num_attention_heads
  const headSize = config.head_dim ?? config.hidden_size / heads
  const kvHeads = config.num_key_value_heads ?? heads
  if (headSize % 16 !== 0 || heads % kvHeads !== 0) {
    throw new InferenceError(
      'model',
      `${path}: config.json asks for ${heads} heads over ${kvHeads} key-value heads of size ${headSize}; supported are head sizes that are multiples of 16 and heads that are a multiple of the key-value heads`,
    )
  }
  return {
    hidden: config.hidden_size,
    intermediate: config.intermediate_size,
    heads,
    kvHeads,
    headSize,
    vocabulary: config.vocab_size,
    context: config.max_position_embeddings,
    normEpsilon: config.rms_norm_eps,
    normAddsOne: false,
    queryKeyNorm: false,
    postNorms: false,
    bias: { queryKeyValue: false, output: false, mlp: false },
    activation: 'silu',
    embeddingScale: 1,
    attentionScale: headSize ** -0.5,
    attentionCap: null,
    tied: config.tie_word_embeddings,
    padToken: config.pad_token_id ?? null,
    eosTokens: [config.eos_token_id ?? []].flat(),
  }
}

/** What Gemma 2 and 3 share. The embedding's scale is rounded to the type it is computed in. */
function gemma(config: z.infer<typeof Gemma2 | typeof Gemma3>) {
  const { attention_bias: bias } = config
  return {
    normAddsOne: true,
    postNorms: true,
    bias: { queryKeyValue: bias, output: bias, mlp: false },
    activation: 'gelu_tanh',
    embeddingScale: Math.fround(config.hidden_size ** 0.5),
    attentionScale: config.query_pre_attn_scalar ** -0.5,
  } as const
}

/** Layers by the newer `layer_types`, or else by the family's rule. */
function windowed(
  config: z.infer<typeof Fields> & z.infer<z.ZodObject<typeof layerTypes>>,
  path: string,
  window: number | null,
  slides: (layer: number) => boolean,
  slidingRope = 0,
): DecoderLayer[] {
  const { layer_types: types, num_hidden_layers: count } = config
  if (types && types.length !== count) {
    throw new InferenceError(
      'model',
      `${path}: config.json has ${types.length} layer_types for ${count} layers; download it again`,
    )
  }
  return layersOf(config, (layer) => {
    const type = types?.[layer]
    const sliding = type === undefined ? slides(layer) : type === 'sliding_attention'
    return sliding ? { window, rope: slidingRope } : { window: null, rope: 0 }
  })
}

const layersOf = (
  { num_hidden_layers: length }: { num_hidden_layers: number },
  layer: (index: number) => DecoderLayer,
) => Array.from({ length }, (_, index) => layer(index))

const qwenLayers = (config: z.infer<z.ZodObject<typeof qwenFields>>, path: string) =>
  windowed(
    config,
    path,
    config.use_sliding_window ? config.sliding_window : null,
    (layer) => layer >= config.max_window_layers,
  )

export const llama: ReadDecoder = (json, path) => {
  const config = parse(Llama, json, path)
  const { attention_bias: bias, mlp_bias: mlp } = config
  return {
    ...plain(config, path),
    bias: { queryKeyValue: bias, output: bias, mlp },
    ropes: oneRopeOf(config),
    layers: layersOf(config, () => ({ window: null, rope: 0 })),
  }
}

export const mistral: ReadDecoder = (json, path) => {
  const config = parse(Mistral, json, path)
  return {
    ...plain(config, path),
    ropes: oneRopeOf(config),
    layers: layersOf(config, () => ({ window: config.sliding_window, rope: 0 })),
  }
}

export const qwen2: ReadDecoder = (json, path) => {
  const config = parse(Qwen2, json, path)
  return {
    ...plain(config, path),
    bias: { queryKeyValue: true, output: false, mlp: false },
    ropes: oneRopeOf(config),
    layers: qwenLayers(config, path),
  }
}

export const qwen3: ReadDecoder = (json, path) => {
  const config = parse(Qwen3, json, path)
  const { attention_bias: bias } = config
  return {
    ...plain(config, path),
    queryKeyNorm: true,
    bias: { queryKeyValue: bias, output: bias, mlp: false },
    ropes: oneRopeOf(config),
    layers: qwenLayers(config, path),
  }
}

export const gemma2: ReadDecoder = (json, path) => {
  const config = parse(Gemma2, json, path)
  return {
    ...plain(config, path),
    ...gemma(config),
    attentionCap: config.attn_logit_softcapping,
    ropes: oneRopeOf(config),
    layers: windowed(config, path, config.sliding_window, (layer) => layer % 2 === 0),
  }
}

/** Full layers turn by the first rope, sliding ones by the second. */
export const gemma3: ReadDecoder = (json, path) => {
  const config = parse(Gemma3, json, path)
  const { full_attention, sliding_attention } = config.rope_parameters ?? {}
  const full = parse(RopeParameters, { ...full_attention, ...config.rope_scaling }, path)
  const sliding = sliding_attention ?? { rope_type: 'default' }
  const slides = (layer: number) => (layer + 1) % config.sliding_window_pattern !== 0
  return {
    ...plain(config, path),
    ...gemma(config),
    queryKeyNorm: true,
    ropes: [
      ropeOf(full, config.rope_theta ?? 1_000_000, config),
      ropeOf(sliding, config.rope_local_base_freq ?? 10_000, config),
    ],
    layers: windowed(config, path, config.sliding_window, slides, 1),
  }
}

const families: Readonly<Record<string, ReadDecoder>> = {
  llama,
  mistral,
  qwen2,
  qwen3,
  gemma2,
  gemma3_text: gemma3,
}

const ModelType = z.object({ model_type: z.string() })

/** Reads config.json of the family that it names itself. */
export const byModelType: ReadDecoder = (json, path) => {
  const { model_type: type } = parse(ModelType, json, path)
  const read = Object.hasOwn(families, type) ? families[type] : undefined
  if (read !== undefined) return read(json, path)
  throw new InferenceError(
    'model',
    `${path}: a decoder of model_type ${type} is not supported; supported are ${Object.keys(families).join(', ')}`,
  )
}
