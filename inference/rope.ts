/** Rotary position embeddings. */
import type { LlamaConfig } from './config.ts'

/**
 * The angle per position of each pair of dimensions (headSize / 2 of them), rounded to fp32 as
 * transformers computes them. `llama3` slows the low frequencies down by `factor`, smoothly.
 */
export function ropeFrequencies({ headSize, ropeTheta, rope }: LlamaConfig): Float32Array {
  return Float32Array.from({ length: headSize / 2 }, (_, pair) => {
    const frequency = 1 / ropeTheta ** ((2 * pair) / headSize)
    if (rope.rope_type === 'default') return frequency
    const waves = (rope.original_max_position_embeddings * frequency) / (2 * Math.PI)
    const { factor, low_freq_factor: low, high_freq_factor: high } = rope
    const smooth = Math.min(1, Math.max(0, (waves - low) / (high - low)))
    return (1 - smooth) * (frequency / factor) + smooth * frequency
  })
}

export interface RopeTables {
  /** [positions, headSize / 2] */
  shape: readonly [number, number]
  cos: Float32Array
  sin: Float32Array
}

/** Tables that grow by doubling: models that take 128k tokens rarely see them. */
export function createRope(frequencies: Float32Array): (length: number) => RopeTables {
  let tables = fill(frequencies, 256)
  return (length) => {
    if (length > tables.shape[0]) {
      tables = fill(frequencies, 2 ** Math.ceil(Math.log2(length)))
    }
    return tables
  }
}

function fill(frequencies: Float32Array, length: number): RopeTables {
  const pairs = frequencies.length
  const cos = new Float32Array(length * pairs)
  const sin = new Float32Array(length * pairs)
  for (let position = 0; position < length; position++) {
    for (let pair = 0; pair < pairs; pair++) {
      const angle = Math.fround(position * (frequencies[pair] ?? 0))
      cos[position * pairs + pair] = Math.cos(angle)
      sin[position * pairs + pair] = Math.sin(angle)
    }
  }
  return { shape: [length, pairs], cos, sin }
}
