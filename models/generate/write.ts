/**
 * Writes training data: node models/generate/write.ts --seed 1 --questions 1000 [--split train|held] [--only policy|reward] > rows.jsonl
 * One JSON object a line: {t, m, a} for nano-policy (messages, answer), {t: "reward", q, c} for nano-reward.
 */
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { episode } from './episode.ts'
import { hash, Rng } from './random.ts'
import type { Split } from './split.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    questions: { type: 'string', default: '1000' },
    split: { type: 'string', default: 'train' },
    only: { type: 'string', default: '' },
  },
})

let buffer: string[] = []
async function flush(): Promise<void> {
  const text = buffer.join('')
  buffer = []
  if (!process.stdout.write(text)) await once(process.stdout, 'drain')
}

for (let i = 0; i < Number(values.questions); i++) {
  for (const row of episode(
    new Rng(hash(`${values.split}:${values.seed}:${i}`)),
    values.split as Split,
  )) {
    if (values.only === 'policy' && row.t === 'reward') continue
    if (values.only === 'reward' && row.t !== 'reward') continue
    buffer.push(`${JSON.stringify(row)}\n`)
  }
  if (buffer.length > 500) await flush()
}
await flush()
