/** `tpo compare`: its flags. */
import { basename, extname, join } from 'node:path'
import { Command, Option } from 'commander'
import { z } from 'zod'
import { StartRequest } from '../../../shared/tpo.ts'
import { readInput } from '../batch/input.ts'
import { sameCommand } from '../batch/same-command.ts'
import { expectWritable } from '../batch/writable.ts'
import { addApiOptions, ApiOptions, withApi } from '../options/api.ts'
import {
  addRunSettings,
  number,
  RunSettings,
  runSettings,
  wrongOption,
} from '../options/run-settings.ts'
import { samplesOf } from '../evaluation/arms.ts'

const CompareOptions = ApiOptions.extend(RunSettings.shape).extend({
  output: z.string().optional(),
  repeat: z.number().int().min(1).max(100),
  judge: z.string().optional(),
  judgeKey: z.string().optional(),
  concurrency: z.number().int().min(1).max(1000),
  minWinRate: z.number().min(0).max(1).optional(),
  json: z.boolean().default(false),
})

const most = StartRequest.shape.samples.unwrap().maxValue ?? Infinity

export function compareCommand(ended: (code: number) => void): Command {
  const command = new Command('compare')
    .summary('does TPO pay on these questions?')
    .description(
      'Answers every question of a file with TPO and with best-of-N of as many samples, and says what each came to: rewards, win rates and how sure they are, length, stability, cost. Keeps what is finished, as tpo batch does.',
    )
    .argument('<file>', 'JSON list, JSON lines or CSV of questions')
    .option(
      '-o, --output <name>',
      'where the report goes, without an ending (default: results/<file>-compare)',
    )
    .option('-c, --concurrency <n>', 'runs at a time', number, 8)
    .option(
      '--repeat <n>',
      'times each question is answered, each with a seed of its own',
      number,
      1,
    )
    .option(
      '--judge <where>',
      'a second reward model that judges all answers: the address of a reward service, or a model to start one with',
    )
    .addOption(new Option('--judge-key <key>', 'key of that reward service').env('TPO_JUDGE_KEY'))
    .option(
      '--min-win-rate <share>',
      'exit with 4 if best-of-N is beaten on a smaller share, 0 to 1',
      number,
    )
    .option('--json', 'print the comparison as one JSON object')
  addRunSettings(command)
  addApiOptions(command)
  return command.action(async (file: string, given: unknown) => {
    const options = CompareOptions.safeParse(given)
    if (!options.success) return command.error(wrongOption(options.error))
    const checked = StartRequest.safeParse({ ...runSettings(options.data), query: '?' })
    if (!checked.success) return command.error(wrongOption(checked.error))
    const { query: _, ...settings } = checked.data
    if (settings.mode === 'bon') {
      return command.error(
        'error: --mode: best-of-N is what it is compared with; give tpo or revision',
      )
    }
    if (samplesOf(settings) > most) {
      return command.error(
        `error: --samples: best-of-N beside it would need ${samplesOf(settings)} samples, more than ${most}; give fewer samples or iterations`,
      )
    }
    const { api, apiKey, output, judge: where, judgeKey, ...rest } = options.data
    const questions = await readInput(file)
    const results = output ?? join('results', `${basename(file, extname(file))}-compare`)
    await expectWritable(results, [`${results}.json`, `${results}.html`])
    const [{ compare }, { openJudge }] = await Promise.all([
      import('./compare.ts'),
      import('./judge.ts'),
    ])
    ended(
      await withApi(command, { api, apiKey }, async (client) => {
        const judge = where === undefined ? null : await openJudge(where, judgeKey)
        try {
          return await compare({
            client,
            questions,
            settings,
            judge,
            repetitions: rest.repeat,
            concurrency: rest.concurrency,
            output: results,
            json: rest.json,
            minWinRate: rest.minWinRate,
            again: sameCommand(process.argv.slice(2)),
          })
        } finally {
          await judge?.close()
        }
      }),
    )
  })
}
