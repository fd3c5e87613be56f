/** `tpo run`: its flags, and where its question comes from. */
import { Command } from 'commander'
import { z } from 'zod'
import { StartRequest } from '../../../shared/tpo.ts'
import { addApiOptions, ApiOptions, withApi } from '../options/api.ts'
import { addRunSettings, RunSettings, runSettings, wrongOption } from '../options/run-settings.ts'
import { readQuestion } from './question.ts'
import { run } from './run.ts'

const RunOptions = ApiOptions.extend(RunSettings.shape).extend({
  file: z.string().optional(),
  json: z.boolean().default(false),
})

export function runCommand(ended: (code: number) => void): Command {
  const command = new Command('run')
    .summary('ask a question and improve the answer, step by step')
    .description('Asks a question and improves the answer, step by step.')
    .argument('[question]', 'the question; - or nothing reads it from standard input')
    .option('-f, --file <path>', 'read the question from a text file')
    .option('--json', 'print the run with all its steps as one JSON object')
  addRunSettings(command)
  addApiOptions(command)
  return command.action(async (argument: string | undefined, given: unknown) => {
    const options = RunOptions.safeParse(given)
    if (!options.success) return command.error(wrongOption(options.error))
    const { file, json } = options.data
    if (argument !== undefined && file !== undefined) {
      return command.error('error: give the question or --file, not both')
    }
    const query = await readQuestion({ argument, file })
    if (query === null) {
      return command.error('error: there is no question; write it in quotes after tpo run')
    }
    const request: StartRequest = { query, ...runSettings(options.data) }
    const checked = StartRequest.safeParse(request)
    if (!checked.success) return command.error(wrongOption(checked.error))
    ended(
      await withApi(command, options.data, (client, api) => run({ request, client, api, json })),
    )
  })
}
