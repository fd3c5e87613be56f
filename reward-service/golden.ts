/** Golden vectors: rewards that a model's folder says its model gives. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { InferenceError } from '../inference/errors.ts'
import { RewardsRequest } from '../shared/rewards.ts'
import { sequencesOf } from './rewards.ts'
import type { Score } from './score.ts'

const difference = z.number().positive()

const Golden = z
  .object({
    made_by: z.string().min(1).describe('What computed the rewards, and in which type'),
    tolerance: z
      .object({ float32: difference, bfloat16: difference, float16: difference })
      .strict()
      .describe('The largest difference, by the type that a device computes in'),
    vectors: z
      .array(
        z
          .object({ request: RewardsRequest, rewards: z.array(z.number()).min(1) })
          .strict()
          .describe('A body of POST /v1/rewards, and the raw rewards in its order'),
      )
      .min(1),
  })
  .strict()
export type Golden = z.infer<typeof Golden>

export const goldenFile = 'golden.json'

/**
 * Null where a folder has none that apply: with another template than the folder's own, only token
 * ids get the same rewards. Throws an `InferenceError` when the file cannot be used.
 */
export async function readGolden(
  folder: string,
  { ownTemplate }: { ownTemplate: boolean },
): Promise<Golden | null> {
  const path = join(folder, goldenFile)
  try {
    const golden = Golden.parse(JSON.parse(await readFile(path, 'utf8')))
    const vectors = golden.vectors.filter(({ request }) => ownTemplate || request.sequences)
    return vectors.length === 0 ? null : { ...golden, vectors }
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null
    throw new InferenceError(
      'model',
      `${path} is damaged, or of another kind than docs/reward-models.md describes; take it away, or make it again`,
      { cause },
    )
  }
}

/** Where a reward is off the most. */
export interface WorstDifference {
  /** In `vectors`, and in its rewards. */
  vector: number
  place: number
  wanted: number
  got: number
  difference: number
}

/** Scores all vectors. `score` may throw. */
export async function worstDifference(golden: Golden, score: Score): Promise<WorstDifference> {
  const differences: WorstDifference[] = []
  for (const [vector, { request, rewards }] of golden.vectors.entries()) {
    const { scored } = await score(sequencesOf(request), new AbortController().signal, request)
    for (let place = 0; place < Math.max(scored.length, rewards.length); place++) {
      const [wanted = NaN, got = NaN] = [rewards[place], scored[place]?.reward]
      differences.push({ vector, place, wanted, got, difference: Math.abs(wanted - got) })
    }
  }
  // What is no number is off the most.
  const size = ({ difference }: WorstDifference) =>
    Number.isNaN(difference) ? Infinity : difference
  return differences.reduce((worst, next) => (size(next) > size(worst) ? next : worst))
}

/** Throws an `InferenceError` that names the worst difference when it is not tolerated. */
export async function expectGolden(
  golden: Golden,
  score: Score,
  { name, dtype, provider }: { name: string; dtype: keyof Golden['tolerance']; provider: string },
): Promise<void> {
  const { vector, place, wanted, got, difference } = await worstDifference(golden, score)
  const allowed = golden.tolerance[dtype]
  if (difference <= allowed) return
  throw new InferenceError(
    'model',
    `${name} does not give the rewards of its ${goldenFile} on ${provider} in ${dtype}: the worst, $.vectors[${vector}].rewards[${place}], is ${got} in place of ${wanted}, off by ${difference.toPrecision(2)}, ${allowed} is allowed. Its files do not belong together or the device computes wrongly; download it again, or choose another device`,
  )
}
