/** Five answers to one prompt: the prompt computed once, or with every answer. */
import { cpuDevice, group, padded, shared } from './cpu-device.ts'
import { makeRandomModel, shapeName } from './random-model.ts'
import { byTurns, rounded } from './rounds.ts'
import { rm } from 'node:fs/promises'

export async function sharing(threads: number) {
  const { path } = await makeRandomModel()
  const device = await cpuDevice(path, threads)
  const answers = group(224, 5, 32)
  const [once, rows] = [shared(answers), padded(answers)]
  const singles = answers.map((ids) => shared([ids]))
  const [a, b] = [(await device.run(once)).logits, (await device.run(rows)).logits]
  const milliseconds = await byTurns(5, {
    shared: () => device.run(once),
    padded: () => device.run(rows),
    one_by_one: async () => {
      for (const single of singles) await device.run(single)
    },
  })
  await device.close()
  await rm(path, { recursive: true })
  return {
    what: `one prompt of 224 tokens and 5 answers of 32 in one forward pass that computes the prompt once (shared), against 5 rows of 256 tokens in one pass (padded), and 5 passes; the same graph and process; ${shapeName}`,
    milliseconds,
    padded_over_shared: rounded(milliseconds.padded.median / milliseconds.shared.median),
    one_by_one_over_shared: rounded(milliseconds.one_by_one.median / milliseconds.shared.median),
    largest_difference_of_logits: Math.max(
      ...a.map((logit, index) => Math.abs(logit - (b[index] ?? NaN))),
    ),
    target: 'padded / shared ≥ 2',
  }
}
