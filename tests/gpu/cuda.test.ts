/** Scores on CUDA, where there is a GPU and `npm run setup:cuda` has been run; skipped elsewhere. */
import { existsSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { exposeCudaLibraries } from '../../host/cuda/library-path.ts'
import { readModelFolder } from '../../inference/model/folder.ts'
import { hasCuda } from '../../inference/runtime/cuda-provider.ts'
import { type Classifier, loadClassifier } from '../../inference/scoring/classifier.ts'
import { expected, families, fixture } from '../inference/fixtures.ts'

const ready = hasCuda() && existsSync('/dev/nvidia0')
if (!ready) {
  console.log(
    'No GPU with CUDA set up here: tests of CUDA are skipped. tests/gpu/results.json has the last measured results.',
  )
}

const never = new AbortController().signal

/** Largest difference to transformers in fp32 over a fixture's sequences, which are of order 1. */
async function largestError(name: string, dtype: 'bfloat16' | 'float16'): Promise<number> {
  const { sequences } = await expected(name)
  const model = await loadClassifier(await readModelFolder(fixture(name)), {
    devices: ['cuda:0'],
    dtype,
  })
  const logits = await score(model, sequences)
  await model.close()
  return Math.max(
    ...sequences.map((sequence, index) =>
      Math.abs((sequence.logits[0] ?? NaN) - (logits[index] ?? NaN)),
    ),
  )
}

async function score(model: Classifier, sequences: readonly { ids: number[] }[]) {
  const read = sequences.map(({ ids }) => {
    const all = Int32Array.from(ids)
    return { ids: all, reads: model.reads(all, true) }
  })
  return (await model.score(read, never)).logits.map(([logit]) => logit)
}

describe.skipIf(!ready)('on CUDA', () => {
  beforeAll(exposeCudaLibraries)

  test.each(['tiny-reward-fp32', ...families])('%s scores like transformers', async (name) => {
    expect(await largestError(name, 'bfloat16')).toBeLessThanOrEqual(0.1)
    expect(await largestError(name, 'float16')).toBeLessThanOrEqual(0.02)
  })

  test('one sequence per pass gives the same bits at any load', async () => {
    const { sequences } = await expected('tiny-reward-fp32')
    const model = await loadClassifier(await readModelFolder(fixture('tiny-reward-fp32')), {
      devices: ['cuda:0'],
      exact: true,
    })
    const alone: unknown[] = []
    for (const sequence of sequences) alone.push(...(await score(model, [sequence])))
    expect(await score(model, sequences)).toEqual(alone)
    await model.close()
  })
})
