/** A model on the CPU without a service around it. */
import { buildClassifier } from '../../inference/graph/build.ts'
import { readClassifierConfig } from '../../inference/model/config.ts'
import { readModelFolder } from '../../inference/model/folder.ts'
import { rotationsOf } from '../../inference/runtime/rope.ts'
import { createDevice, type Device } from '../../inference/scoring/device.ts'
import { createPacking, type GatheredBatch } from '../../inference/scoring/packing.ts'
import { cpu } from '../../inference/runtime/target.ts'
import { startWorker } from '../../inference/runtime/worker-process.ts'

export async function cpuDevice(path: string, threads: number): Promise<Device> {
  const folder = await readModelFolder(path)
  const model = readClassifierConfig(folder)
  const { decoder, width: _, ...session } = buildClassifier(folder, model, cpu)
  const start = () =>
    startWorker(
      {
        kind: 'decoder',
        session: { ...session, threads },
        rotations: rotationsOf(decoder),
        shape: decoder,
        tokenBytes: null,
      },
      path,
    )
  return createDevice(cpu, start, () => undefined)
}

/** Sequences that are scored at their last token, a shared beginning computed once. */
export function shared(sequences: readonly Int32Array[]): GatheredBatch {
  const packing = createPacking()
  for (const ids of sequences) packing.add({ ids, reads: [ids.length - 1] })
  return packing.build()
}

/** The same in the usual way: as many rows as sequences, all of one length. Nothing is shared. */
export function padded(sequences: readonly Int32Array[]): GatheredBatch {
  const longest = Math.max(...sequences.map((ids) => ids.length))
  const cells = sequences.length * longest
  const ids = new Int32Array(cells)
  for (const [row, sequence] of sequences.entries()) ids.set(sequence, row * longest)
  const places = Int32Array.from({ length: cells }, (_, place) => place)
  return {
    kind: 'gathered',
    ids,
    lengths: Int32Array.from(sequences, (sequence) => sequence.length),
    longest,
    sequenceTokens: places,
    tokenPlaces: places,
    reads: Int32Array.from(sequences, (sequence, row) => row * longest + sequence.length - 1),
  }
}

/** Random token ids below 3000. */
export const randomIds = (length: number) =>
  Int32Array.from({ length }, () => 5 + Math.floor(Math.random() * 2990))

/** `count` answers to one prompt. */
export function group(promptTokens: number, count: number, answerTokens: number): Int32Array[] {
  const prompt = randomIds(promptTokens)
  return Array.from({ length: count }, () => Int32Array.of(...prompt, ...randomIds(answerTokens)))
}
