/** Draws the next token from logits. Pure: the same seed and logits give the same token. */

export interface Sampling {
  /** 0 is greedy: the highest logit, the first of equals. */
  temperature: number
  /** The smallest set of most likely tokens with at least this much probability, in (0, 1]. */
  topP: number
  seed: number
}

/** Below this, division by the temperature overflows: greedy. */
const greedyBelow = 1e-5

/** A sampler for answer `index` of a request: every answer draws from its own stream. */
export function createSampler(
  { temperature, topP, seed }: Sampling,
  index: number,
): (logits: Float32Array) => number {
  if (temperature < greedyBelow) return greedy
  const random = createRandom(seed, index)
  return (logits) => draw(logits, temperature, topP, random())
}

function greedy(logits: Float32Array): number {
  let best = 0
  for (let token = 1; token < logits.length; token++) {
    if ((logits[token] ?? 0) > (logits[best] ?? 0)) best = token
  }
  return best
}

/** The token at `point` (in [0, 1)) of the cumulated probabilities of the kept tokens. */
function draw(logits: Float32Array, temperature: number, topP: number, point: number): number {
  const highest = logits[greedy(logits)] ?? 0
  const weights = new Float64Array(logits.length)
  let total = 0
  for (let token = 0; token < logits.length; token++) {
    const weight = Math.exp(((logits[token] ?? 0) - highest) / temperature)
    weights[token] = weight
    total += weight
  }
  const kept = topP < 1 ? nucleus(weights, total, topP) : { least: 0, atLeast: Infinity, total }
  const target = kept.total * point
  let { atLeast } = kept
  let sum = 0
  let chosen = 0
  for (let token = 0; token < weights.length; token++) {
    const weight = weights[token] ?? 0
    if (weight === 0 || weight < kept.least || (weight === kept.least && atLeast-- <= 0)) continue
    sum += weight
    chosen = token
    if (sum > target) break
  }
  return chosen
}

/**
 * The smallest set of the heaviest tokens that weighs at least topP of all: those above `least`,
 * and the first `atLeast` of those that weigh exactly that.
 */
function nucleus(weights: Float64Array, total: number, topP: number) {
  // All tokens below this weight together hold less than 1 - topP: none of them can be in the set,
  // and only the others need sorting.
  const floor = ((1 - topP) * total) / weights.length
  const sorted = weights.filter((weight) => weight >= floor).sort()
  let kept = 0
  let place = sorted.length
  while (place > 0 && kept < topP * total) kept += sorted[--place] ?? 0
  const least = sorted[place] ?? 0
  let atLeast = 0
  while (place < sorted.length && sorted[place] === least) {
    atLeast++
    place++
  }
  return { least, atLeast, total: kept }
}

/** Uniform numbers in [0, 1): sfc32 (C. Doty-Humphrey, PractRand), seeded with both numbers. */
function createRandom(seed: number, index: number): () => number {
  let a = seed | 0
  let b = Math.floor(seed / 2 ** 32) | 0
  let c = index | 0
  let counter = 1
  const next = () => {
    const result = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + result
    return (result >>> 0) / 2 ** 32
  }
  for (let round = 0; round < 15; round++) next()
  return next
}
