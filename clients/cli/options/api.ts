/** Which API a command drives: one that runs, or one of its own. */
import type { Command } from 'commander'
import { InvalidArgumentError, Option } from 'commander'
import { z } from 'zod'
import { TpoClient } from '../../../shared/client.ts'
import { environmentName, flagName, Settings, settingKeys } from '../../../shared/settings.ts'
import { startPrivateApi } from '../private-api.ts'

/** An empty one counts as left out, as every setting does. */
const text = z.string().transform((text) => (text === '' ? undefined : text))

export const ApiOptions = z.object({ api: text.optional(), apiKey: text.optional() })

interface ApiChoice extends z.infer<typeof ApiOptions> {
  /** A config.yaml for the one that is started. */
  config?: string | undefined
}

/** Those that make no sense for an API of a command's own; prompts go with each run. */
const own = new Set([
  'host',
  'api_port',
  'reward_port',
  'local_policy_port',
  'worker_port',
  'queue_url',
  'job_concurrency',
  'job_days',
  'api_keys',
  'prompts',
])

const privateKeys = settingKeys.filter((key) => !own.has(key))

/**
 * `--api` and `--api-key`, and every setting of the services for when there is no `--api`. `usual`
 * is the address of the API that is asked where nothing at all is given; where there is no usual
 * one the command starts its own.
 */
export function addApiOptions(command: Command, usual?: string): Command {
  const without =
    usual === undefined ? '; without it the command starts its own' : ` (default: ${usual})`
  command
    .addOption(
      new Option('--api <url>', `address of a running API${without}`)
        .env('TPO_API_URL')
        .argParser(address),
    )
    .addOption(new Option('--api-key <key>', 'key of that API').env('TPO_API_KEY'))
  for (const key of privateKeys) {
    command.addOption(
      new Option(`${flagName(key)} <value>`, Settings.shape[key].description).hideHelp(),
    )
  }
  return command.addHelpText(
    'after',
    `\nWithout --api the settings of \`tpo start\` are taken too, such as --policy-base-url and --reward-model${usual === undefined ? '' : '; then the command starts an API of its own with them'}.`,
  )
}

function address(text: string): string {
  if (text === '') return text
  const url = z.url({ protocol: /^https?$/ }).safeParse(text)
  if (url.success) return url.data
  throw new InvalidArgumentError('It must be an http:// or https:// address.')
}

/**
 * Does work with the API that the options name, or with one that lasts as long as the work; where
 * there is a usual one, it takes a setting of the services to start another. A setting beside
 * `--api` is wrong usage: it would change nothing.
 */
export async function withApi<T>(
  command: Command,
  { api, apiKey, config }: ApiChoice,
  work: (client: TpoClient, url: string) => Promise<T>,
  usual?: string,
): Promise<T> {
  const settings = servicesSettings(command)
  const [name] = Object.keys(settings)
  if (api !== undefined) {
    if (name !== undefined) {
      command.error(`error: --api names an API that runs; ${name} is for one that is started`)
    }
    return work(new TpoClient({ baseUrl: api, apiKey }), api)
  }
  if (usual !== undefined && name === undefined) {
    return work(new TpoClient({ baseUrl: usual, apiKey }), usual)
  }
  const started = await startPrivateApi(settings, config)
  try {
    return await work(new TpoClient({ baseUrl: started.url }), started.url)
  } finally {
    await started.close()
  }
}

/** What was given of them on the command line, by the names of the environment. */
function servicesSettings(command: Command): Record<string, string> {
  const given = privateKeys.flatMap((key) => {
    const value: unknown = command.getOptionValue(camelCase(key))
    return typeof value === 'string' ? [[environmentName(key), value] as const] : []
  })
  return Object.fromEntries(given)
}

const camelCase = (key: string) =>
  key.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
