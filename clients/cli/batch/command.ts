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
import type { WholeSettings } from '../../common/batch.ts'
import { batch } from './batch.ts'
import { readInput } from './input.ts'
import { type Models, modelsOf } from './key.ts'
import { sameCommand } from './same-command.ts'
import { expectTakesFiles, expectWritable } from './writable.ts'
import { type Format, formats, resultPaths } from './write.ts'

const BatchOptions = ApiOptions.extend(RunSettings.shape).extend({
  output: z.string().optional(),
  outputFolder: z.string().optional(),
  concurrency: z.number().int().min(1).max(1000),
  format: z.array(z.enum(formats)).min(1),
  config: z.string().optional(),
  dataPath: z.string().optional(),
  minReward: z.number().optional(),
})

export function batchCommand(ended: (code: number) => void): Command {
  const command = new Command('batch')
    .summary('ask every question of a file')
    .description(
      'Asks every question of a file and keeps what is finished, so that the same command goes on where it was stopped.',
    )
    .argument('[file]', 'JSON list, JSON lines or CSV of questions')
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
    .option('--min-reward <r>', 'exit with 4 where the mean best reward is below it', number)
    .option(
      '--config <file>',
      "settings, as those of the reference's page (default: config.yaml, where there is one)",
    )
    .addOption(new Option('--data-path <file>', 'the file, as a config.yaml names it').hideHelp())
  addRunSettings(command)
  addApiOptions(command)
  return command.action(async (argument: string | undefined, given: unknown) => {
    const options = BatchOptions.safeParse(given)
    if (!options.success) return command.error(wrongOption(options.error))
    const { outputFolder, concurrency, format, minReward, dataPath } = options.data
    const file = argument ?? dataPath
    if (file === undefined) return command.error('error: there is no file of questions; name one')
    const settings = runSettings(options.data)
    const checked = StartRequest.safeParse({ ...settings, query: '?' })
    if (!checked.success) return command.error(wrongOption(checked.error))
    const { query: _, ...whole } = checked.data
    const questions = await readInput(file)
    const output = options.data.output ?? join('results', nameOf(file))
    if (outputFolder === undefined) await expectWritable(output, resultPaths(output, format))
    else await expectTakesFiles(outputFolder)
    ended(
      await withApi(command, options.data, async (client) =>
        batch({
          client,
          questions,
          settings: whole,
          concurrency,
          // The reference's name for results is known only when the models are.
          output:
            outputFolder === undefined
              ? output
              : join(outputFolder, referenceName(file, whole, await modelsOf(client))),
          formats: format satisfies Format[],
          minReward,
          again: sameCommand(process.argv.slice(2)),
        }),
      ),
    )
  })
}

/** Without its folder and ending. */
const nameOf = (path: string) => basename(path, extname(path))

/** As the reference names its results: by file, settings and models. */
function referenceName(file: string, settings: WholeSettings, models: Models): string {
  const { policy, mode, iterations, samples, seed } = settings
  const model = basename(policy.model ?? models.policy ?? 'default')
  const reward = basename(models.reward ?? 'default')
  return `${nameOf(file)}_model_${model}_mode_${mode}_rm_${reward}_max_iters${iterations}_sample_size${samples}_seed${seed}`
}
