/** The flags that say how a question is worked on, the same wherever there are questions. */
import { type Command, InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'
import { Prompts } from '../../../shared/prompts.ts'
import { Mode, type StartRequest } from '../../../shared/tpo.ts'
import { readPrompts } from '../prompts.ts'

export const RunSettings = z.object({
  mode: Mode.optional(),
  samples: z.number().optional(),
  iterations: z.number().optional(),
  seed: z.number().optional(),
  temperature: z.number().optional(),
  maxTokens: z.number().optional(),
  criticMaxTokens: z.number().optional(),
  model: z.string().optional(),
  prompts: Prompts.optional(),
  strictReference: z.boolean().optional(),
})

export const addRunSettings = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--mode <mode>',
        'tpo, revision (no rejected answer) or bon (best of N) (default: tpo)',
      ).choices(Mode.options),
    )
    .option('-n, --samples <n>', 'answers per iteration (default: 5)', number)
    .option('-d, --iterations <n>', 'rounds of improvement (default: 2)', number)
    .option('--seed <n>', 'the same seed gives the same run (default: 7)', number)
    .option('--temperature <t>', 'of the answers, 0 to 2 (default: 0.7)', number)
    .option('--max-tokens <n>', 'of one answer (default: 2048)', number)
    .option('--critic-max-tokens <n>', 'of one critique or advice (default: 8192)', number)
    .option('--model <name>', "model to ask (default: the server's first one)")
    .option(
      '--prompts <file>',
      "JSON file with prompts of your own (default: the server's)",
      readPrompts,
    )
    .option('--strict-reference', 'compute as the reference does, weaknesses included')

/** The settings of a run as the API takes them. */
export function runSettings(given: z.infer<typeof RunSettings>): Omit<StartRequest, 'query'> {
  const { model, temperature, maxTokens, criticMaxTokens, ...run } = given
  const { mode, samples, iterations, seed, prompts, strictReference } = run
  return {
    mode,
    samples,
    iterations,
    seed,
    prompts,
    strict_reference: strictReference,
    policy: { model, temperature, max_tokens: maxTokens },
    critic: { max_tokens: criticMaxTokens },
  }
}

export function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new InvalidArgumentError('It must be a number.')
  }
  return value
}

/** The first wrong option, by the name of its flag; the limits are those of the API's schema. */
export function wrongOption(error: z.ZodError): string {
  const issue = error.issues[0]
  if (issue?.path[0] === 'prompts') {
    const inside = issue.path.slice(1).map((key) => `${String(key)}: `)
    return `error: --prompts: ${inside.join('')}${issue.message}`
  }
  const field = String(issue?.path.at(-1) ?? '')
  const flag = field.replaceAll(/_|(?=[A-Z])/g, '-').toLowerCase()
  return `error: ${flag === 'query' ? 'the question' : `--${flag}`}: ${issue?.message}`
}
