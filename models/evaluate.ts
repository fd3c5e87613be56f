/**
 * Measures the demo pair through the running services (`npm start` first):
 *
 *     node models/evaluate.ts [--api http://127.0.0.1:7860] [--questions 100]
 *
 * Runs D2-N5 and best-of-15 on held-out questions and prints what they reached as JSON.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { type RunAnswer, TpoClient } from '../shared/client.ts'
import { keeps } from './generate/grade.ts'

const HeldOut = z.object({
  questions: z.array(
    z.object({ question: z.string(), facts: z.array(z.object({ core: z.string() })) }),
  ),
})
type Question = z.infer<typeof HeldOut>['questions'][number]

const { values } = parseArgs({
  options: {
    api: { type: 'string', default: 'http://127.0.0.1:7860' },
    questions: { type: 'string', default: '100' },
  },
})
const client = new TpoClient({ baseUrl: values.api })
const file = new URL('held-out.json', import.meta.url)
const held = HeldOut.parse(JSON.parse(readFileSync(file, 'utf8')))
const questions = held.questions.slice(0, Number(values.questions))

const keepsAll = ({ facts }: Question, text: string) => facts.every(({ core }) => keeps(text, core))
const mean = (numbers: number[]) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length
const round = (number: number) => Math.round(number * 1000) / 1000
const best = ({ run }: RunAnswer) => run.best?.reward ?? Number.NaN

/** Of every drawn answer of an iteration: whether it keeps every fact. */
const kept = (question: Question, { steps }: RunAnswer, iteration: number) =>
  steps
    .filter((step) => step.name === 'score' && step.iteration === iteration)
    .flatMap((step) => step.candidates ?? [])
    .map(({ text }) => Number(keepsAll(question, text)))

const pairs: { question: Question; tpo: RunAnswer; bon: RunAnswer }[] = []
for (const question of questions) {
  const query = question.question
  const tpo = await client.run({ query, samples: 5, iterations: 2 })
  const bon = await client.run({ query, samples: 15, mode: 'bon' })
  pairs.push({ question, tpo, bon })
  process.stderr.write(`\r${pairs.length}/${questions.length}`)
}

const iterations = [0, 1, 2]
console.log(
  JSON.stringify(
    {
      questions: pairs.length,
      mean_reward: iterations.map((i) =>
        round(mean(pairs.map(({ tpo }) => tpo.run.history[i]?.mean ?? Number.NaN))),
      ),
      best_reward: iterations.map((i) =>
        round(mean(pairs.map(({ tpo }) => tpo.run.history[i]?.best ?? Number.NaN))),
      ),
      answers_keeping_every_fact: iterations.map((i) =>
        round(mean(pairs.flatMap(({ question, tpo }) => kept(question, tpo, i)))),
      ),
      final_keeps_every_fact: round(
        mean(
          pairs.map(({ question, tpo }) => Number(keepsAll(question, tpo.run.best?.text ?? ''))),
        ),
      ),
      improved_over_first_best: pairs.filter(
        ({ tpo }) => best(tpo) > (tpo.run.history[0]?.best ?? Number.NaN),
      ).length,
      against_best_of_15: {
        wins: pairs.filter(({ tpo, bon }) => best(tpo) > best(bon)).length,
        ties: pairs.filter(({ tpo, bon }) => best(tpo) === best(bon)).length,
        losses: pairs.filter(({ tpo, bon }) => best(tpo) < best(bon)).length,
      },
      seconds_per_run: round(mean(pairs.map(({ tpo }) => tpo.run.usage.seconds))),
      tokens_per_run: Math.round(
        mean(
          pairs.map(({ tpo: { run } }) => run.usage.prompt_tokens + run.usage.completion_tokens),
        ),
      ),
    },
    null,
    2,
  ),
)
