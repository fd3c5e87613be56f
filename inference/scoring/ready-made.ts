/** A ready-made ONNX classifier: one sequence in, its logits out. */
import { longRow, openSession } from '../runtime/ort.ts'
import type { Target } from '../runtime/target.ts'
import type { PackedBatch } from './packing.ts'

export interface ReadyMadeGraph {
  /** Path of the ONNX model. */
  file: string
  /** In a pair, the token that ends the first text if the second is of another kind, or null. */
  firstEnds: number | null
}

/** Logits [sequences, labels]. */
export type ScoreReadyMade = (batch: PackedBatch) => Promise<Float32Array>

/** Throws when ONNX Runtime cannot load it, or it takes or gives what is not known here. */
export async function loadReadyMade(
  { file, firstEnds }: ReadyMadeGraph,
  target: Target,
  threads: number,
): Promise<ScoreReadyMade> {
  const session = await openSession(file, target, threads)
  const { inputNames, outputNames } = session
  const unknown = inputNames.find((name) => !Object.hasOwn(inputs, name))
  if (unknown !== undefined) {
    throw new Error(
      `its graph has an input ${unknown}; known are ${Object.keys(inputs).join(', ')}`,
    )
  }
  const output = outputNames.length === 1 ? outputNames[0] : 'logits'
  if (output === undefined || !outputNames.includes(output)) {
    throw new Error(`its graph has the outputs ${outputNames.join(', ')} and no logits`)
  }
  const score = async (ids: Int32Array): Promise<Float32Array> => {
    const feeds = inputNames.map((name) => [name, longRow(inputs[name]?.(ids, firstEnds) ?? ids)])
    const { data, type } = (await session.run(Object.fromEntries(feeds)))[output] ?? {}
    if (data instanceof Float32Array) return data
    throw new Error(`its graph gives logits in ${type}; export it in float32`)
  }
  return async (batch) => {
    const logits: number[] = []
    // One by one: what such a graph makes of padding is not known.
    for (const ids of sequencesOf(batch)) logits.push(...(await score(ids)))
    return Float32Array.from(logits)
  }
}

function sequencesOf(batch: PackedBatch): Int32Array[] {
  if (batch.kind !== 'gathered') throw new Error('a ready-made graph has no pages')
  const { ids, lengths, longest, sequenceTokens } = batch
  return Array.from(lengths, (length, row) =>
    sequenceTokens.subarray(row * longest, row * longest + length).map((place) => ids[place] ?? 0),
  )
}

type Input = (ids: Int32Array, firstEnds: number | null) => Int32Array

const inputs: Readonly<Record<string, Input>> = {
  input_ids: (ids) => ids,
  attention_mask: (ids) => new Int32Array(ids.length).fill(1),
  token_type_ids(ids, firstEnds) {
    const end = firstEnds === null ? -1 : ids.indexOf(firstEnds)
    const kinds = new Int32Array(ids.length)
    return end === -1 ? kinds : kinds.fill(1, end + 1)
  },
}
