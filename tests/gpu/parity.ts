/**
 * How far scores on CUDA are from transformers' in float32, beside transformers' own bfloat16, and
 * whether they depend on what stands in the batch. Prints JSON.
 *
 *     node tests/gpu/parity.ts FOLDER   (of `make_models.py parity`)
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { readModelFolder } from '../../inference/model/folder.ts'
import { type Classifier, loadClassifier } from '../../inference/scoring/classifier.ts'
import { readExpected } from './models.ts'

const never = new AbortController().signal

async function logitsOf(model: Classifier, sequences: readonly Int32Array[]): Promise<number[]> {
  const reads = sequences.map((ids) => ({ ids, reads: [ids.length - 1] }))
  const { logits } = await model.score(reads, never)
  return logits.map(([logit = NaN]) => logit)
}

async function alone(model: Classifier, sequences: readonly Int32Array[]): Promise<number[]> {
  const logits: number[] = []
  for (const ids of sequences) logits.push(...(await logitsOf(model, [ids])))
  return logits
}

const distances = (ones: readonly number[], others: readonly number[]) =>
  ones.map((one, place) => Math.abs(one - (others[place] ?? NaN)))
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length
const round = (value: number) => Number(value.toPrecision(3))

async function measure(path: string) {
  const expected = await readExpected(path)
  const sequences = expected.map(({ ids }) => Int32Array.from(ids))
  const float32 = expected.map((one) => one.float32)
  const errors = (logits: readonly number[]) => {
    const all = distances(logits, float32)
    return { mean: round(mean(all)), max: round(Math.max(...all)) }
  }
  const folder = await readModelFolder(path)
  const open = (dtype: 'bfloat16' | 'float16', exact = false) =>
    loadClassifier(folder, { devices: ['cuda:0'], dtype, exact })

  const model = await open('bfloat16')
  const together = await logitsOf(model, sequences)
  const solo = await alone(model, sequences)
  await model.close()
  const exact = await open('bfloat16', true)
  const exactSolo = await alone(exact, sequences)
  const exactBusy = await Promise.all(sequences.map((ids) => logitsOf(exact, [ids])))
  await exact.close()
  const half = await open('float16')
  const float16 = await logitsOf(half, sequences)
  await half.close()
  return {
    transformersBfloat16: errors(expected.map((one) => one.bfloat16)),
    bfloat16: errors(together),
    alone: errors(solo),
    float16: errors(float16),
    batchAgainstAlone: round(Math.max(...distances(together, solo))),
    exactIsEqual: exactBusy.flat().every((logit, place) => logit === exactSolo[place]),
  }
}

const root = process.argv[2]
if (root === undefined) throw new Error('give the folder that make_models.py parity has made')
const families = (await readdir(root)).toSorted()
const results: Record<string, Awaited<ReturnType<typeof measure>>> = {}
for (const family of families) results[family] = await measure(join(root, family))
console.log(JSON.stringify(results, null, 2))
