import { createRequire } from 'node:module'
import { Command, CommanderError, Option } from 'commander'
import { z } from 'zod'
import { StartRequest } from '../../shared/tpo.ts'
import { batchCommand } from './batch/command.ts'
import { compareCommand } from './compare/command.ts'
import { withConfigFile } from './batch/config-file.ts'
import { fromReference } from './batch/reference-flags.ts'
import { doctor } from './doctor.ts'
import { failureLine } from './failure.ts'
import { runHost } from './host-process.ts'
import { addApiOptions, address, ApiOptions, withApi } from './options/api.ts'
import { addRunSettings, RunSettings, runSettings, wrongOption } from './options/run-settings.ts'
import { readQuestion } from './question.ts'
import { run } from './run.ts'

const description =
  'Test-Time Preference Optimization: better answers from the model you have, at inference time'

const examples = `
Examples:
  $ tpo start
  $ tpo run "Write a short email that reminds attendees of Friday's workshop"
  $ tpo run -n 8 -d 3 --seed 42 "Apologise to Ms. Ortiz for the late delivery"
  $ tpo run --json < question.txt > run.json
  $ tpo batch questions.jsonl --concurrency 16
  $ tpo doctor

Exit codes: 0 done, 1 error, 2 wrong usage, 3 some questions failed, 130 interrupted`

const DoctorOptions = z.object({
  api: z.string(),
  apiKey: z.string().optional(),
  json: z.boolean().default(false),
})

const RunOptions = ApiOptions.extend(RunSettings.shape).extend({
  json: z.boolean().default(false),
})

/** Runs the command line; returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let code = 0
  const program = new Command('tpo')
    .description(description)
    .version(ownVersion())
    .addHelpText('after', examples)
    .enablePositionalOptions()
    .exitOverride()

  const runCommand = program
    .command('run')
    .summary('ask a question and improve the answer, step by step')
    .description('Asks a question and improves the answer, step by step.')
    .argument('[question]', 'the question; - or nothing reads it from standard input')
    .option('--json', 'print the run with all its steps as one JSON object')
  addApiOptions(addRunSettings(runCommand)).action(
    async (argument: string | undefined, given: unknown) => {
      const options = RunOptions.safeParse(given)
      if (!options.success) return runCommand.error(wrongOption(options.error))
      const query = await readQuestion(argument)
      if (query === null) {
        return runCommand.error('error: there is no question; write it in quotes after tpo run')
      }
      const request: StartRequest = { query, ...runSettings(options.data) }
      const checked = StartRequest.safeParse(request)
      if (!checked.success) return runCommand.error(wrongOption(checked.error))
      const { json } = options.data
      code = await withApi(runCommand, options.data, (client, api) =>
        run({ request, client, api, json }),
      )
    },
  )

  for (const make of [batchCommand, compareCommand]) {
    program.addCommand(make((ended) => (code = ended)).copyInheritedSettings(program))
  }

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
    .addOption(
      new Option('--api <url>', 'address of the API')
        .env('TPO_API_URL')
        .argParser(address)
        .default('http://127.0.0.1:7860'),
    )
    .addOption(new Option('--api-key <key>', 'key of the API').env('TPO_API_KEY'))
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
    await program.parseAsync(withReferenceFlags(argv))
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    process.stderr.write(`${failureLine(error)}\n`)
    return 1
  }
}

/** `tpo batch` takes the flags of run.py as they are, and the settings of a run in a config.yaml. */
function withReferenceFlags(argv: readonly string[]): string[] {
  const [node = '', script = '', command = '', ...args] = argv
  if (command !== 'batch') return [...argv]
  return [node, script, command, ...fromReference(withConfigFile(args))]
}

function ownVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('tpo-edge/package.json')
  return z.object({ version: z.string() }).parse(manifest).version
}
