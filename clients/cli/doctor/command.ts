/** `tpo doctor`: its flags. */
import { Command } from 'commander'
import { z } from 'zod'
import { rewardDoctorCommand } from '../host-commands.ts'
import { addApiOptions, ApiOptions, withApi } from '../options/api.ts'
import { wrongOption } from '../options/run-settings.ts'
import { doctor } from './doctor.ts'
import { price } from './trial.ts'

/** Where `npm start` serves. */
const usualApi = 'http://127.0.0.1:7860'

const DoctorOptions = ApiOptions.extend({
  probe: z.boolean(),
  json: z.boolean().default(false),
})

export function doctorCommand(ended: (code: number) => void): Command {
  const command = new Command('doctor')
    .summary('say what works here, and what to do where something does not')
    .description(
      `Says how policy and reward model are, and what to do where one is not well. Asks the policy for up to ${price} to tell whether it honours seeds and n, and has two of them scored.`,
    )
    .enablePositionalOptions()
    .option(
      '--no-probe',
      'ask the models for nothing: costs no tokens, and leaves seeds and n untold',
    )
    .option('--json', 'print it as one JSON object')
    .addCommand(rewardDoctorCommand(ended))
  addApiOptions(command, usualApi)
  return command.action(async (given: unknown) => {
    const options = DoctorOptions.safeParse(given)
    if (!options.success) return command.error(wrongOption(options.error))
    const { probe, json } = options.data
    ended(
      await withApi(
        command,
        options.data,
        (client, api) => doctor({ client, api, probe, json }),
        usualApi,
      ),
    )
  })
}
