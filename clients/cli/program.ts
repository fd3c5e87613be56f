import { createRequire } from 'node:module'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'
import { Mode, StartRequest } from '../../shared/tpo.ts'
import { doctor } from './doctor.ts'
import { failureLine } from './failure.ts'
import { runHost } from './host-process.ts'
import { readQuestion } from './question.ts'
import { readPrompts } from './prompts.ts'
import { run } from './run.ts'

const description =
  'Test-Time Preference Optimization: better answers from the model you have, at inference time'

const examples = `
Examples:
  $ tpo start
  $ tpo run "Write a short email that reminds attendees of Friday's workshop"
  $ tpo run -n 8 -d 3 --seed 42 "Apologise to Ms. Ortiz for the late delivery"
  $ tpo run --json < question.txt > run.json
  $ tpo doctor

Exit codes: 0 done, 1 error, 2 wrong usage, 130 interrupted`

const DoctorOptions = z.object({
  api: z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' }),
  apiKey: z.string().optional(),
  json: z.boolean().default(false),
})

const RunOptions = DoctorOptions.extend({
  mode: Mode.optional(),
  samples: z.number().optional(),
  iterations: z.number().optional(),
  seed: z.number().optional(),
  temperature: z.number().optional(),
  maxTokens: z.number().optional(),
  model: z.string().optional(),
  prompts: z.unknown().optional(),
})

const apiOption = () =>
  new Option('--api <url>', 'address of the API')
    .env('TPO_API_URL')
    .default('http://127.0.0.1:7860')

const apiKeyOption = () => new Option('--api-key <key>', 'key of the API').env('TPO_API_KEY')

/** Runs the command line; returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let code = 0
  const program = new Command('tpo')
    .description(description)
    .version(ownVersion())
    .addHelpText('after', examples)
    .enablePositionalOptions()
    .exitOverride()

  program
    .command('run')
    .summary('ask a question and improve the answer, step by step')
    .description('Asks a question and improves the answer, step by step.')
    .argument('[question]', 'the question; - or nothing reads it from standard input')
    .addOption(apiOption())
    .addOption(apiKeyOption())
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
    .option('--model <name>', "model to ask (default: the server's first one)")
    .option(
      '--prompts <file>',
      "JSON file with prompts of your own (default: the server's)",
      readPrompts,
    )
    .option('--json', 'print the run with all its steps as one JSON object')
    .action(async (argument: string | undefined, given: unknown, command: Command) => {
      const options = RunOptions.safeParse(given)
      if (!options.success) return command.error(wrongOption(options.error))
      const { api, apiKey, json, model, temperature, maxTokens, prompts, ...settings } =
        options.data
      const query = await readQuestion(argument)
      if (query === null) {
        return command.error('error: there is no question; write it in quotes after tpo run')
      }
      const policy = { model, temperature, max_tokens: maxTokens }
      const request = { query, ...settings, policy }
      const checked = StartRequest.safeParse({ ...request, prompts })
      if (!checked.success) return command.error(wrongOption(checked.error))
      code = await run({
        request: { ...request, prompts: checked.data.prompts },
        api,
        apiKey,
        json,
      })
    })

  program
    .command('start')
    .summary('start API, page, reward service and local policy')
    .description('Starts API, page, reward service and local policy; --help lists its flags.')
    .argument('[flags...]', 'settings of the services')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (flags: string[]) => {
      code = await runHost('host/start', flags)
    })

  program
    .command('setup')
    .summary('set up what a machine needs beyond the packages')
    .description('Sets up what a machine needs beyond the packages.')
    .enablePositionalOptions()
    .command('cuda')
    .summary('CUDA for ONNX Runtime on Linux x64')
    .description("Puts ONNX Runtime's CUDA provider in place; --help lists its flags.")
    .argument('[flags...]', 'where to take it from')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (flags: string[]) => {
      code = await runHost('host/setup-cuda', flags)
    })

  program
    .command('doctor')
    .summary('say what works here, and what to do where something does not')
    .description(
      'Says how the policy and the reward model of a running API are, and what to do where one is not well.',
    )
    .enablePositionalOptions()
    .addOption(apiOption())
    .addOption(apiKeyOption())
    .option('--json', 'print it as one JSON object')
    .action(async (given: unknown, command: Command) => {
      const options = DoctorOptions.safeParse(given)
      if (!options.success) return command.error(wrongOption(options.error))
      code = await doctor(options.data)
    })
    .command('reward')
    .summary('devices, memory and a trial of the reward model')
    .description(
      'Tells what the reward model could run on and tries it; takes the settings of tpo start.',
    )
    .argument('[flags...]', 'settings, such as --reward-model')
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (flags: string[]) => {
      code = await runHost('reward-service/doctor', flags)
    })

  try {
    await program.parseAsync(argv)
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    process.stderr.write(`${failureLine(error)}\n`)
    return 1
  }
}

function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) {
    throw new InvalidArgumentError('It must be a number.')
  }
  return value
}

/** The first wrong option, by the name of its flag; the limits are those of the API's schema. */
function wrongOption(error: z.ZodError): string {
  const issue = error.issues[0]
  if (issue?.path[0] === 'prompts') {
    return `error: --prompts: ${issue.path
      .slice(1)
      .map((key) => `${String(key)}: `)
      .join('')}${issue.message}`
  }
  const flag = String(issue?.path.at(-1) ?? '').replaceAll('_', '-')
  return `error: ${flag === 'query' ? 'the question' : `--${flag}`}: ${issue?.message}`
}

function ownVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('tpo-edge/package.json')
  return z.object({ version: z.string() }).parse(manifest).version
}
