/** `tpo doctor`: its flags. */
import { Command, Option } from 'commander'
import { z } from 'zod'
import { rewardDoctorCommand } from '../host-commands.ts'
import { address } from '../options/api.ts'
import { wrongOption } from '../options/run-settings.ts'
import { doctor } from './doctor.ts'

const DoctorOptions = z.object({
  api: z.string(),
  apiKey: z.string().optional(),
  json: z.boolean().default(false),
})

export function doctorCommand(ended: (code: number) => void): Command {
  const command = new Command('doctor')
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
    .addCommand(rewardDoctorCommand(ended))
  return command.action(async (given: unknown) => {
    const options = DoctorOptions.safeParse(given)
    if (!options.success) return command.error(wrongOption(options.error))
    ended(await doctor(options.data))
  })
}
