/** What make_models.py has made. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** The same as `random_ids` of make_models.py. */
export function randomIds(seed: number, length: number, vocabulary: number): Int32Array {
  let state = BigInt(seed)
  return Int32Array.from({ length }, () => {
    state = (state * 1_103_515_245n + 12_345n) % 2n ** 31n
    return Number(state >> 8n) % vocabulary
  })
}

const Expected = z.array(
  z.object({ ids: z.array(z.number()), float32: z.number(), bfloat16: z.number() }),
)
export type Expected = z.infer<typeof Expected>

/** Logits of transformers in both types. */
export async function readExpected(folder: string): Promise<Expected> {
  return Expected.parse(JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8')))
}
