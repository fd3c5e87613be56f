/** Rotary position embeddings. */
import type { Decoder, Rope } from '../model/decoder.ts'

/** How one set of rotary tables is made. */
export interface Rotation {
  /** The angle per position of each pair of dimensions, [headSize / 2]. */
  frequencies: Float32Array
  /** Multiplies cos and sin. */
  scale: number
}

/** Rotations of the decoder's `ropes`, rounded to fp32 where transformers rounds. */
export function rotationsOf({ ropes, headSize }: Pick<Decoder, 'ropes' | 'headSize'>): Rotation[] {
  return ropes.map((rope) => {
    const slowed = slowing(rope, headSize)
    const frequencies = Float32Array.from({ length: headSize / 2 }, (_, pair) => {
      const exponent = Math.fround((2 * pair) / headSize)
      return slowed(Math.fround(1 / Math.fround(rope.theta ** exponent)), pair)
    })
    return { frequencies, scale: rope.type === 'yarn' ? rope.scale : 1 }
  })
}

/** How a kind of scaling changes the frequency of a pair of dimensions. */
function slowing(rope: Rope, headSize: number): (frequency: number, pair: number) => number {
  switch (rope.type) {
    case 'default':
      return (frequency) => frequency
    case 'linear':
      return (frequency) => frequency / rope.factor
    // Slows the low frequencies down by `factor`, smoothly.
    case 'llama3':
      return (frequency) => {
        const waves = (rope.trainedContext * frequency) / (2 * Math.PI)
        const { lowFrequencyFactor: low, highFrequencyFactor: high } = rope
        return mix(frequency / rope.factor, frequency, (waves - low) / (high - low))
      }
    // The same by a ramp over the pairs, arXiv 2309.00071.
    case 'yarn': {
      const [low, high] = yarnRange(rope, headSize)
      return (frequency, pair) =>
        mix(frequency, frequency / rope.factor, (pair - low) / (high - low))
    }
  }
}

/** From `from` at 0 and below to `to` at 1 and above. */
function mix(from: number, to: number, place: number): number {
  const part = Math.min(1, Math.max(0, place))
  return (1 - part) * from + part * to
}

/** The pairs between which YaRN's ramp lies. */
function yarnRange(rope: Extract<Rope, { type: 'yarn' }>, headSize: number): [number, number] {
  const { betaFast, betaSlow, theta, trainedContext, truncate } = rope
  const pairThatTurns = (times: number) =>
    (headSize * Math.log(trainedContext / (times * 2 * Math.PI))) / (2 * Math.log(theta))
  const [first, last] = [pairThatTurns(betaFast), pairThatTurns(betaSlow)]
  const low = Math.max(0, truncate ? Math.floor(first) : first)
  const high = Math.min(headSize - 1, truncate ? Math.ceil(last) : last)
  return [low, low === high ? high + 0.001 : high]
}

export interface RopeTables {
  /** [positions, headSize / 2] */
  shape: readonly [number, number]
  cos: Float32Array
  sin: Float32Array
}

/** Tables per rotation that grow by doubling: models that take 128k tokens rarely see them. */
export function createRope(
  rotations: readonly Rotation[],
): (length: number) => readonly RopeTables[] {
  let positions = 256
  let tables = rotations.map((rotation) => fill(rotation, positions))
  return (length) => {
    if (length > positions) {
      positions = 2 ** Math.ceil(Math.log2(length))
      tables = rotations.map((rotation) => fill(rotation, positions))
    }
    return tables
  }
}

function fill({ frequencies, scale }: Rotation, length: number): RopeTables {
  const pairs = frequencies.length
  const cos = new Float32Array(length * pairs)
  const sin = new Float32Array(length * pairs)
  for (let position = 0; position < length; position++) {
    for (let pair = 0; pair < pairs; pair++) {
      const angle = Math.fround(position * (frequencies[pair] ?? 0))
      cos[position * pairs + pair] = Math.cos(angle) * scale
      sin[position * pairs + pair] = Math.sin(angle) * scale
    }
  }
  return { shape: [length, pairs], cos, sin }
}
