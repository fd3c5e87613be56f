/**
 * Grades answers: reads {brief, answer} a line on standard input, writes {traits, score, words, aux, keeps} a line.
 * The grader is told what each kind's stock phrases are, so that it can name made-up details.
 */
import { createInterface } from 'node:readline'
import { grade, score, type Brief } from './grade.ts'
import { auxOf } from './episode.ts'
import { kits } from './scenarios/index.ts'

const out: string[] = []
for await (const line of createInterface({ input: process.stdin })) {
  if (line.trim() === '') continue
  const { brief, answer } = JSON.parse(line) as { brief: Brief; answer: string }
  const traits = grade(brief, answer, kits.get(brief.kind))
  out.push(
    JSON.stringify({
      traits,
      score: score(traits),
      words: traits.words,
      aux: auxOf(traits),
      keeps: traits.missing.length === 0 && traits.wrong.length === 0,
    }),
  )
}
process.stdout.write(`${out.join('\n')}\n`)
