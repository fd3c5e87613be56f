import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { StartError } from '../entry.ts'
import { bundledModel } from '../package-root.ts'
import { parseHubModel } from './id.ts'
import type { CheckModel } from './snapshot.ts'

/**
 * The folder of the model a setting asks for: a folder as it is, else `org/name` or
 * `org/name@revision` of the hub, fetched with its progress on stderr unless `check` throws; the
 * bundled one where nothing is set. Throws a `StartError` of one line, or what `check` throws.
 */
export async function modelFolder(
  setting: string | undefined,
  bundledName: Parameters<typeof bundledModel>[0],
  check: CheckModel,
): Promise<string> {
  if (setting === undefined) return bundledModel(bundledName)
  if (statSync(setting, { throwIfNoEntry: false })?.isDirectory()) return setting
  const model = parseHubModel(setting)
  if (model === undefined) {
    throw new StartError(
      `there is no model folder at ${resolve(setting)}; give a folder that holds config.json, or a model of the Hugging Face hub as org/name`,
    )
  }
  // A supervisor that is gone waits for no download.
  process.once('disconnect', leave)
  try {
    // Only who fetches a model waits for the client to load.
    const { hubSnapshot } = await import('./snapshot.ts')
    return await hubSnapshot(model, check, process.stderr)
  } finally {
    process.off('disconnect', leave)
  }
}

const leave = () => process.exit(1)
