/** ONNX Runtime as this runtime uses it. Run it in a process of its own: it blocks its thread. */
import './telemetry.ts'
import { env, InferenceSession, Tensor } from 'onnxruntime-node'
import type { BuiltModel } from '../graph/build.ts'
import type { RopeTables } from './rope.ts'
import type { Target } from './target.ts'

export type { InferenceSession }

// What it would print is in its errors too, and the service tells those in its own words.
env.logLevel = 'fatal'

export type SessionSource = Pick<BuiltModel, 'onnx' | 'directory' | 'mapped' | 'target'> & {
  /** CPU threads of one run. */
  threads: number
}

/** Loads the weights. ONNX Runtime's own error says what it could not read. */
export const createSession = (source: SessionSource): Promise<InferenceSession> =>
  InferenceSession.create(
    source.onnx,
    options(source.target, source.threads, {
      'session.model_external_initializers_file_folder_path': source.directory,
      // fp32 files are used in place, which repacking would copy; a GPU takes weights as they are.
      'session.disable_prepacking': source.mapped || source.target.provider !== 'cpu' ? '1' : '0',
    }),
  )

/** Loads a ready-made ONNX model, whose weights may lie in other files beside it. */
export const openSession = (
  file: string,
  target: Target,
  threads: number,
): Promise<InferenceSession> => InferenceSession.create(file, options(target, threads, {}))

const options = (target: Target, threads: number, extra: Readonly<Record<string, string>>) => ({
  executionProviders: [executionProvider(target)],
  intraOpNumThreads: threads,
  logSeverityLevel: 4 as const,
  // With batches of all shapes, memory planned for each would never be given back.
  enableMemPattern: target.provider === 'cpu',
  extra: {
    // Threads that spin between operators starve the other services: with a busy neighbour on two
    // cores, decoding took 2 to 7 times longer; alone, spinning gained nothing.
    'session.intra_op.allow_spinning': '0',
    ...extra,
  },
})

const executionProvider = ({ provider, deviceId }: Target) =>
  provider === 'cuda' || provider === 'dml' ? { name: provider, deviceId } : provider

export const floats = (data: Float32Array, shape: readonly number[]) =>
  new Tensor('float32', data, shape)

export const integers = (data: Int32Array, shape: readonly number[]) =>
  new Tensor('int32', data, shape)

/** One row of 64-bit integers. */
export const longRow = (values: Int32Array) =>
  new Tensor('int64', BigInt64Array.from(values, BigInt), [1, values.length])

/** A vector of 64-bit integers. */
export const longs = (values: readonly number[]) =>
  new Tensor('int64', BigInt64Array.from(values, BigInt), [values.length])

/** The graph's inputs `cos.i` and `sin.i`. */
export const rotaryTables = (tables: readonly RopeTables[]) =>
  Object.fromEntries(
    tables.flatMap(({ cos, sin, shape }, rope) => [
      [`cos.${rope}`, floats(cos, shape)],
      [`sin.${rope}`, floats(sin, shape)],
    ]),
  )

/** The data of an output, which ONNX Runtime's binding has copied out of the session. */
export function floatOutput(outputs: InferenceSession.ReturnType, name: string): Float32Array {
  const data = outputs[name]?.data
  if (!(data instanceof Float32Array)) throw new TypeError(`the graph gave no ${name}`)
  return data
}
