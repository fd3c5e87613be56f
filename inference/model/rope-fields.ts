/** The spellings of rotary settings in config.json, read as transformers reads them. */
import { z } from 'zod'
import { size } from './config-fields.ts'
import type { Rope } from './decoder.ts'

const Common = z.looseObject({
  rope_theta: z.number().positive().nullish(),
  partial_rotary_factor: z.literal(1).nullish(),
})
const factor = z.number().positive()

const Scaled = z.discriminatedUnion(
  'rope_type',
  [
    z.looseObject({ rope_type: z.literal('default') }),
    z.looseObject({ rope_type: z.literal('linear'), factor }),
    z.looseObject({
      rope_type: z.literal('llama3'),
      factor,
      low_freq_factor: factor,
      high_freq_factor: factor,
      original_max_position_embeddings: size.nullish(),
    }),
    z.looseObject({
      rope_type: z.literal('yarn'),
      factor: factor.nullish(),
      attention_factor: factor.nullish(),
      beta_fast: factor.nullish(),
      beta_slow: factor.nullish(),
      mscale: z.number().nullish(),
      mscale_all_dim: z.number().nullish(),
      truncate: z.boolean().nullish(),
      original_max_position_embeddings: size.nullish(),
    }),
  ],
  { error: 'supported are default, linear, llama3 and yarn' },
)
type Scaled = z.infer<typeof Scaled>

/** One set of rotary settings; older files say `type` where newer ones say `rope_type`. */
export const RopeParameters = z
  .looseObject({ rope_type: z.string().nullish(), type: z.string().nullish() })
  .transform((fields) => ({ ...fields, rope_type: fields.rope_type ?? fields.type ?? 'default' }))
  .pipe(Common.and(Scaled))
type RopeParameters = z.infer<typeof RopeParameters>

/** What stands beside the rotary settings of any spelling. */
export const ropeFields = {
  max_position_embeddings: size,
  original_max_position_embeddings: size.nullish(),
  partial_rotary_factor: z.literal(1).nullish(),
  rope_theta: z.number().positive().nullish(),
}

const NotEmpty = z
  .looseObject({})
  .nullish()
  .transform((fields) => (Object.keys(fields ?? {}).length > 0 ? fields : undefined))
  .pipe(RopeParameters.nullish())

/** One set for all layers: `rope_scaling` is the older spelling, `rope_parameters` the newer one. */
export const oneRope = { rope_scaling: NotEmpty, rope_parameters: NotEmpty }

export function oneRopeOf(
  config: z.infer<z.ZodObject<typeof oneRope>> & z.infer<z.ZodObject<typeof ropeFields>>,
): Rope[] {
  const parameters = config.rope_scaling ?? config.rope_parameters ?? { rope_type: 'default' }
  return [ropeOf(parameters, config.rope_theta ?? 10_000, config)]
}

/** Older files leave this field out where it is the whole context. */
interface Context {
  max_position_embeddings: number
  original_max_position_embeddings?: number | null | undefined
}

export function ropeOf(parameters: RopeParameters, theta: number, config: Context): Rope {
  const shared = { theta: parameters.rope_theta ?? theta }
  if (parameters.rope_type === 'default') return { ...shared, type: 'default' }
  if (parameters.rope_type === 'linear') {
    return { ...shared, type: 'linear', factor: parameters.factor }
  }
  const trainedContext =
    config.original_max_position_embeddings ??
    parameters.original_max_position_embeddings ??
    config.max_position_embeddings
  if (parameters.rope_type === 'llama3') {
    return {
      ...shared,
      type: 'llama3',
      factor: parameters.factor,
      lowFrequencyFactor: parameters.low_freq_factor,
      highFrequencyFactor: parameters.high_freq_factor,
      trainedContext,
    }
  }
  const yarnFactor = parameters.factor ?? config.max_position_embeddings / trainedContext
  return {
    ...shared,
    type: 'yarn',
    factor: yarnFactor,
    scale: parameters.attention_factor ?? yarnScale(parameters, yarnFactor),
    betaFast: parameters.beta_fast ?? 32,
    betaSlow: parameters.beta_slow ?? 1,
    truncate: parameters.truncate ?? true,
    trainedContext,
  }
}

/** The YaRN paper's attention scale (arXiv 2309.00071), or DeepSeek's ratio of two of them. */
function yarnScale(
  { mscale, mscale_all_dim }: Extract<Scaled, { rope_type: 'yarn' }>,
  factor: number,
): number {
  const scale = (weight: number) => (factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1)
  return mscale && mscale_all_dim ? scale(mscale) / scale(mscale_all_dim) : scale(1)
}
