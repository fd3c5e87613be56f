/** What stands in a config.yaml, for whoever has read it. */
import { z } from 'zod'
import { SettingsError } from './settings.ts'

/** Where it is looked for if none is named. */
export const usualConfigFile = 'config.yaml'

const ConfigFile = z.record(z.string(), z.unknown()).nullable()

/** The settings in a file's text. Throws a `SettingsError` of one line that begins with its name. */
export async function parseConfig(text: string, file: string): Promise<Record<string, unknown>> {
  if (text === '') return {}
  // Most processes have no such file: they start sooner without its parser.
  const { parse } = await import('yaml')
  try {
    return ConfigFile.parse(parse(text)) ?? {}
  } catch (error) {
    const reason = error instanceof z.ZodError ? 'it is not a list of settings' : String(error)
    throw new SettingsError(`${file}: ${reason.split('\n')[0]}`, { cause: error })
  }
}
