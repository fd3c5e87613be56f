/**
 * Writes what a perfect critic and adviser would say about the policy's own answers: reads
 * {brief, chosen, rejected} a line, writes {loss: {m, a}, gradient: {m, a}, update: m} a line.
 */
import { createInterface } from 'node:readline'
import { defaultPack } from '../../api/prompts/pack.ts'
import { fill } from '../../api/prompts/fill.ts'
import { advise } from './advice.ts'
import { critique } from './critique.ts'
import { grade, type Brief } from './grade.ts'
import { hash, Rng } from './random.ts'
import { kits } from './scenarios/index.ts'

interface Line {
  readonly brief: Brief
  readonly chosen: string
  readonly rejected: string
}

const out: string[] = []
for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === '') continue
  const { brief, chosen, rejected } = JSON.parse(line) as Line
  const kit = kits.get(brief.kind)
  const rng = new Rng(hash(line))
  const traits = grade(brief, chosen, kit)
  const alone = rejected === chosen
  const said = critique(brief, traits, alone ? undefined : grade(brief, rejected, kit), rng)
  const gradient = advise(brief, traits, said.items, rng)
  const slots = { query: brief.question, chosen, rejected, loss: said.text, gradient }
  out.push(
    JSON.stringify({
      loss: { m: fill(alone ? defaultPack.loss_single : defaultPack.loss, slots), a: said.text },
      gradient: { m: fill(defaultPack.gradient, slots), a: gradient },
      update: fill(defaultPack.update, slots),
    }),
  )
}
process.stdout.write(`${out.join('\n')}\n`)
