/** Writes questions kept back from training, with their facts: node models/generate/held-out.ts [count] [seed] [split] > models/held-out.json */
import { makeTask } from './episode.ts'
import { outsideQuestion } from './outside.ts'
import { hash, Rng } from './random.ts'
import type { Split } from './split.ts'

const count = Number(process.argv[2] ?? 120)
const seed = process.argv[3] ?? 'held-out'
const split = (process.argv[4] ?? 'held') as Split
const seen = new Set<string>()
const questions: unknown[] = []
for (let i = 0; questions.length < count; i++) {
  const { brief } = makeTask(new Rng(hash(`${seed}:${i}`)), split)
  if (seen.has(brief.question)) continue
  seen.add(brief.question)
  questions.push(brief)
}
const rng = new Rng(hash(`${seed}:outside`))
const outside = new Set<string>()
for (let i = 0; i < 400 && outside.size < 16; i++) outside.add(outsideQuestion(rng, split))
process.stdout.write(`${JSON.stringify({ questions, outside: [...outside] }, null, 1)}\n`)
