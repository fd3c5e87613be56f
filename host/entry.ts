import { type SettingKey, type Settings, SettingsError } from '../shared/settings.ts'
import { loadSettings, settingsHelp } from './settings.ts'

/** A failure whose message is all a person needs. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/** Errors that are printed as one line: they say what happened and what to do. */
const plainErrors = new Set(['SettingsError', 'StartError', 'InferenceError'])

/**
 * Runs a process: loads its settings, calls `start`, and turns a failure into one clear line and
 * an exit code (2 for a wrong setting, 1 otherwise). `--model` is short for `modelKey`.
 */
export async function main(
  start: (settings: Settings) => Promise<unknown>,
  modelKey?: SettingKey,
): Promise<void> {
  const argv = process.argv.slice(2)
  if (argv.includes('--help')) {
    console.log(`Settings (flag, environment variable, meaning, default):\n${settingsHelp()}`)
    return
  }
  try {
    await start(await loadSettings(argv, process.env, modelKey))
  } catch (error) {
    const plain = error instanceof Error && plainErrors.has(error.name)
    console.error(plain ? `tpo: ${error.message}` : error)
    process.exit(error instanceof SettingsError ? 2 : 1)
  }
}
