/** A ready-made ONNX classifier: one sequence in, its logits out. */
import '../telemetry.ts'
import { InferenceSession, Tensor } from 'onnxruntime-node'

export interface ReadyMadeGraph {
  /** Path of the ONNX model; its weights may lie in a file beside it. */
  file: string
  /** Tokens of a pair are of the second kind after the first place of this one; null for none. */
  firstEnds: number | null
}

export interface ReadyMade {
  /** Logits [labels]. */
  score: (ids: Int32Array) => Promise<Float32Array>
}

/** Throws when ONNX Runtime cannot load it, or it takes or gives what is not known here. */
export async function loadReadyMade(
  { file, firstEnds }: ReadyMadeGraph,
  threads: number,
): Promise<ReadyMade> {
  const session = await InferenceSession.create(file, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    logSeverityLevel: 3,
    // As for our own graphs: spinning threads starve the other services.
    extra: { 'session.intra_op.allow_spinning': '0' },
  })
  const values: Readonly<Record<string, (ids: Int32Array) => ArrayLike<number>>> = {
    input_ids: (ids) => ids,
    attention_mask: (ids) => new Int32Array(ids.length).fill(1),
    token_type_ids: (ids) => kindsOf(ids, firstEnds),
  }
  const unknown = session.inputNames.find((name) => !Object.hasOwn(values, name))
  if (unknown !== undefined) {
    throw new Error(
      `the graph has an input ${unknown}; known are ${Object.keys(values).join(', ')}`,
    )
  }
  const { outputNames } = session
  const output = outputNames.length === 1 ? outputNames[0] : 'logits'
  if (output === undefined || !outputNames.includes(output)) {
    throw new Error(`the graph has the outputs ${outputNames.join(', ')} and no logits`)
  }
  return {
    async score(ids) {
      const inputs = session.inputNames.map((name) => {
        const longs = BigInt64Array.from(values[name]?.(ids) ?? [], BigInt)
        return [name, new Tensor('int64', longs, [1, ids.length])]
      })
      const { data, type } = (await session.run(Object.fromEntries(inputs)))[output] ?? {}
      if (data instanceof Float32Array) return data
      throw new Error(`the graph gives its logits as ${type}; supported is float32`)
    },
  }
}

/** 0 up to the end of the first text, 1 after it. */
function kindsOf(ids: Int32Array, firstEnds: number | null): Int32Array {
  const end = firstEnds === null ? -1 : ids.indexOf(firstEnds)
  const kinds = new Int32Array(ids.length)
  return end === -1 ? kinds : kinds.fill(1, end + 1)
}
