/** Runs a classifier's graph. */
import { floatOutput, type InferenceSession, integers, rotaryTables } from './ort.ts'
import type { RopeTables } from './rope.ts'

/** Logits [labels] of one sequence, pooled at `position`. */
export async function classify(
  session: InferenceSession,
  rope: (length: number) => readonly RopeTables[],
  ids: Int32Array,
  position: number,
): Promise<Float32Array> {
  const outputs = await session.run({
    input_ids: integers(ids, [1, ids.length]),
    lengths: integers(Int32Array.of(ids.length - 1), [1]),
    total_length: integers(Int32Array.of(ids.length), []),
    ...rotaryTables(rope(ids.length)),
    positions: integers(Int32Array.of(position), [1]),
  })
  return floatOutput(outputs, 'logits')
}
