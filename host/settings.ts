import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { parseConfig, usualConfigFile } from '../shared/config-file.ts'
import {
  environmentName,
  flagName,
  resolveSettings,
  type SettingKey,
  settingKeys,
  Settings,
  SettingsError,
} from '../shared/settings.ts'

type Environment = Readonly<Record<string, string | undefined>>

const optionName = (key: string) => flagName(key).slice(2)

/**
 * Settings of this process from its flags, its environment and `config.yaml` (of the working
 * folder, or the file that `--config` names). `--model` is short for `modelKey`, in a service that
 * has one model. Throws a `SettingsError` of one line.
 */
export async function loadSettings(
  argv: readonly string[],
  environment: Environment,
  modelKey?: SettingKey,
): Promise<Settings> {
  const { config, ...flags } = parseFlags(argv, modelKey)
  return withTexts(resolveSettings({ flags, environment, file: await readConfig(config) }))
}

/** Longer ones could not be handed on to a child process as a variable. */
const mostBytes = 100_000

/** Settings that are a text or name a file with it, which each has a brace; no path has one. */
const texts = {
  reward_chat_template: 'chat template (Jinja)',
  prompts: 'prompts (JSON)',
} as const

/** With the texts themselves where settings name their files. */
function withTexts(settings: Settings): Settings {
  const read = (key: keyof typeof texts) => {
    const given = settings[key]
    return given === undefined || given.includes('{') ? given : textOf(key, given)
  }
  return {
    ...settings,
    reward_chat_template: read('reward_chat_template'),
    prompts: read('prompts'),
  }
}

function textOf(key: keyof typeof texts, file: string): string {
  const what = texts[key]
  const wrong = (reason: string, cause?: unknown) =>
    new SettingsError(`${environmentName(key)}: ${file} ${reason}`, { cause })
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw wrong(`cannot be read; give a file with ${what}`, cause)
  }
  if (!text.includes('{')) throw wrong(`holds no ${what}`)
  if (Buffer.byteLength(text) > mostBytes) {
    throw wrong(`is longer than ${mostBytes / 1000} kB, too long for ${what}`)
  }
  return text
}

/** All settings as the environment of a child process; an empty one counts as left out there. */
export function toEnvironment(settings: Settings): Record<string, string> {
  const entries = settingKeys.map((key) => [environmentName(key), String(settings[key] ?? '')])
  return Object.fromEntries(entries)
}

/** One line per setting: flag, variable, meaning and default. */
export function settingsHelp(): string {
  const defaults: Record<string, unknown> = resolveSettings({})
  const lines = settingKeys.map((key) => {
    const value = defaults[key]
    const fallback = value === undefined || String(value) === '' ? '' : ` [${String(value)}]`
    return `  ${flagName(key).padEnd(26)} ${environmentName(key).padEnd(28)} ${Settings.shape[key].description ?? ''}${fallback}`
  })
  return ['  --config                   a config.yaml to read', ...lines].join('\n')
}

function parseFlags(
  argv: readonly string[],
  modelKey?: SettingKey,
): Partial<Record<SettingKey | 'config', string>> {
  const short = modelKey === undefined ? [] : ['model']
  const names = ['config', ...short, ...settingKeys.map(optionName)]
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' as const }]))
  try {
    const { values } = parseArgs({ args: [...argv], options })
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name === 'model' ? modelKey : name.replaceAll('-', '_'),
        String(value),
      ]),
    )
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error)
    throw new SettingsError(`${reason}. See --help.`, { cause: error })
  }
}

async function readConfig(path: string | undefined): Promise<Record<string, unknown>> {
  const file = path ?? usualConfigFile
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (path === undefined) return {}
    throw new SettingsError(`--config: ${file} cannot be read`, { cause: error })
  }
  return parseConfig(text, file)
}
