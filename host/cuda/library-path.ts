/** Lets CUDA's libraries be found without a variable that a person would have to set. */
import { delimiter, dirname, join } from 'node:path'
import { findLibraries } from './libraries.ts'
import { findRuntime, providerNames } from './runtime.ts'

/**
 * Adds to this process's LD_LIBRARY_PATH the folders of those libraries that the CUDA provider
 * needs and the loader would not find: beside the provider, in a Python environment. The loader
 * reads the variable when a process starts, so this helps processes that are started afterwards.
 * Does nothing where CUDA is not set up.
 */
export async function exposeCudaLibraries(): Promise<void> {
  // Fails where there is no CUDA at all, such as on macOS.
  const runtime = await findRuntime().catch(() => undefined)
  if (runtime === undefined) return
  const provider = join(runtime.folder, providerNames[1])
  // A provider that is not there, or cannot be read, is no reason not to run on the CPU.
  const libraries = await findLibraries(provider, runtime.folder).catch(() => [])
  const hidden = libraries.flatMap(({ path, loads }) =>
    path === undefined || loads ? [] : [dirname(path)],
  )
  if (hidden.length === 0) return
  const { LD_LIBRARY_PATH } = process.env
  const folders = [...(LD_LIBRARY_PATH ? [LD_LIBRARY_PATH] : []), ...new Set(hidden)]
  process.env['LD_LIBRARY_PATH'] = folders.join(delimiter)
}
