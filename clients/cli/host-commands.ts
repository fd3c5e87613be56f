/** Commands that are programs of the package in their own right: their flags, --help too, are theirs. */
import { Command } from 'commander'
import { type HostProgram, runHost } from './host-process.ts'

type Ended = (code: number) => void

export const startCommand = (ended: Ended): Command =>
  handedOn('start', 'host/start', 'settings of the services', ended)
    .summary('start API, page, reward service and local policy')
    .description('Starts API, page, reward service and local policy; --help lists its flags.')

export const setupCommand = (ended: Ended): Command =>
  new Command('setup')
    .summary('set up what a machine needs beyond the packages')
    .description('Sets up what a machine needs beyond the packages.')
    .enablePositionalOptions()
    .addCommand(
      handedOn('cuda', 'host/setup-cuda', 'where to take it from', ended)
        .summary('CUDA for ONNX Runtime on Linux x64')
        .description("Puts ONNX Runtime's CUDA provider in place; --help lists its flags."),
    )

export const rewardDoctorCommand = (ended: Ended): Command =>
  handedOn('reward', 'reward-service/doctor', 'settings, such as --reward-model', ended)
    .summary('devices, memory and a trial of the reward model')
    .description(
      'Tells what the reward model could run on and tries it; takes the settings of tpo start.',
    )

const handedOn = (name: string, program: HostProgram, flags: string, ended: Ended) =>
  new Command(name)
    .argument('[flags...]', flags)
    .helpOption(false)
    .allowUnknownOption()
    .passThroughOptions()
    .action(async (given: string[]) => ended(await runHost(program, given)))
