/** What a decoder computes, as data: everything in which the families differ. */

/** How rotary frequencies follow from `theta`; the names are those of transformers. */
export type Rope = { theta: number } & (
  | { type: 'default' }
  | { type: 'linear'; factor: number }
  | {
      type: 'llama3'
      factor: number
      lowFrequencyFactor: number
      highFrequencyFactor: number
      trainedContext: number
    }
  | {
      type: 'yarn'
      factor: number
      /** Multiplies cos and sin. */
      scale: number
      betaFast: number
      betaSlow: number
      truncate: boolean
      trainedContext: number
    }
)

export interface DecoderLayer {
  /** How many tokens a token sees, itself included; null for all before it. */
  window: number | null
  /** Which of the decoder's `ropes` turns its queries and keys. */
  rope: number
}

export interface Decoder {
  hidden: number
  intermediate: number
  heads: number
  kvHeads: number
  headSize: number
  vocabulary: number
  /** The longest sequence the model takes, in tokens. */
  context: number
  normEpsilon: number
  /** Norms multiply by 1 + weight. */
  normAddsOne: boolean
  /** Queries and keys are normed per head, before their rotation. */
  queryKeyNorm: boolean
  /** What attention and MLP give is normed before it joins the residual stream. */
  postNorms: boolean
  bias: { queryKeyValue: boolean; output: boolean; mlp: boolean }
  activation: 'silu' | 'gelu_tanh'
  embeddingScale: number
  /** Multiplies the products of queries and keys. */
  attentionScale: number
  /** c in c · tanh(score / c); null for none. */
  attentionCap: number | null
  ropes: readonly Rope[]
  layers: readonly DecoderLayer[]
  tied: boolean
  padToken: number | null
  eosTokens: readonly number[]
}
