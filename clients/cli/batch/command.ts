/** `tpo batch`: its flags, and those of the reference's run.py. */
import { basename, extname, join } from 'node:path'
import { Command, Option } from 'commander'
import { z } from 'zod'
import { StartRequest } from '../../../shared/tpo.ts'
import { addApiOptions, ApiOptions, withApi } from '../options/api.ts'
import {
  addRunSettings,
  number,
  RunSettings,
  runSettings,
  wrongOption,
} from '../options/run-settings.ts'
import type { BatchSettings } from '../../common/batch.ts'
import { batch } from './batch.ts'
import { readInput } from './input.ts'
import { sameCommand } from './same-command.ts'
import { type Format, formats } from './write.ts'

const BatchOptions = ApiOptions.extend(RunSettings.shape).extend({
  output: z.string().optional(),
  outputFolder: z.string().optional(),
  concurrency: z.number().int().min(1).max(1000),
  format: z.array(z.enum(formats)).min(1),
})

export function batchCommand(ended: (code: number) => void): Command {
  const command = new Command('batch')
    .summary('ask every question of a file')
    .description(
      'Asks every question of a file and keeps what is finished, so that the same command goes on where it was stopped.',
    )
    .argument('<file>', 'JSON list, JSON lines or CSV of questions')
    .option('-o, --output <name>', 'where results go, without an ending (default: results/<file>)')
    .addOption(
      new Option('--output-folder <folder>', 'a folder for results under a name of their settings')
        .hideHelp()
        .conflicts('output'),
    )
    .option('-c, --concurrency <n>', 'questions at a time', number, 8)
    .addOption(
      new Option('--format <format...>', 'what to write').choices(formats).default(['jsonl']),
    )
  addRunSettings(command)
  addApiOptions(command)
  return command.action(async (file: string, given: unknown) => {
    const options = BatchOptions.safeParse(given)
    if (!options.success) return command.error(wrongOption(options.error))
    const { api, apiKey, output, outputFolder, concurrency, format } = options.data
    const settings = runSettings(options.data)
    const checked = StartRequest.safeParse({ ...settings, query: '?' })
    if (!checked.success) return command.error(wrongOption(checked.error))
    const { query: _, ...whole } = checked.data
    const questions = await readInput(file)
    ended(
      await withApi(command, { api, apiKey }, (client) =>
        batch({
          client,
          questions,
          settings: whole,
          concurrency,
          output:
            output ??
            join(outputFolder ?? 'results', outputName(file, whole, outputFolder !== undefined)),
          formats: format satisfies Format[],
          again: sameCommand(process.argv.slice(2)),
        }),
      ),
    )
  })
}

/** The file's name; with the settings in it, as the reference names its results. */
function outputName(file: string, settings: BatchSettings, whole: boolean): string {
  const name = basename(file, extname(file))
  if (!whole) return name
  const { policy, mode, iterations, samples, seed } = settings
  const model = basename(policy?.model ?? 'default')
  return `${name}_${model}_${mode}_D${iterations}_N${samples}_seed${seed}`
}
