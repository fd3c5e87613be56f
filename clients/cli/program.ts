import { createRequire } from 'node:module'
import { Command, CommanderError } from 'commander'
import { z } from 'zod'
import { failureLine } from './failure.ts'
import { setupCommand, startCommand } from './host-commands.ts'

const description =
  'Test-Time Preference Optimization: better answers from the model you have, at inference time'

const examples = `
Examples:
  $ tpo start
  $ tpo run "Write a short email that reminds attendees of Friday's workshop"
  $ tpo run -n 8 -d 3 --seed 42 "Apologise to Ms. Ortiz for the late delivery"
  $ tpo run --json < question.txt > run.json
  $ tpo batch questions.jsonl --concurrency 16
  $ tpo compare questions.jsonl --repeat 5
  $ tpo doctor

Exit codes: 0 done, 1 error, 2 wrong usage, 3 some questions failed, 4 a threshold was missed, 130 interrupted`

type MakeCommand = (ended: (code: number) => void) => Command

/** In the order of the help; a command starts sooner where the others are not loaded. */
const commands: ReadonlyMap<string, () => Promise<MakeCommand>> = new Map([
  ['run', async () => (await import('./run/command.ts')).runCommand],
  ['batch', async () => (await import('./batch/command.ts')).batchCommand],
  ['compare', async () => (await import('./compare/command.ts')).compareCommand],
  ['start', async () => startCommand],
  ['setup', async () => setupCommand],
  ['doctor', async () => (await import('./doctor/command.ts')).doctorCommand],
])

/** Runs the command line; returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  let code = 0
  const program = new Command('tpo')
    .description(description)
    .version(ownVersion())
    .addHelpText('after', examples)
    .enablePositionalOptions()
  const named = commands.get(argv[2] ?? '')
  for (const load of named === undefined ? commands.values() : [named]) {
    const make = await load()
    program.addCommand(make((ended) => (code = ended)))
  }
  throwing(program)

  try {
    await program.parseAsync(await withReferenceFlags(argv))
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    process.stderr.write(`${failureLine(error)}\n`)
    return 1
  }
}

/** Wrong usage is thrown, in every command: the exit code is ours to give. */
function throwing(command: Command): void {
  command.exitOverride()
  command.commands.forEach(throwing)
}

/** `tpo batch` takes the flags of run.py as they are, and the settings of a run in a config.yaml. */
async function withReferenceFlags(argv: readonly string[]): Promise<string[]> {
  const [node = '', script = '', command = '', ...args] = argv
  if (command !== 'batch') return [...argv]
  const [{ withConfigFile }, { fromReference }] = await Promise.all([
    import('./batch/config-file.ts'),
    import('./batch/reference-flags.ts'),
  ])
  return [node, script, command, ...fromReference(await withConfigFile(args))]
}

function ownVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('tpo-edge/package.json')
  return z.object({ version: z.string() }).parse(manifest).version
}
