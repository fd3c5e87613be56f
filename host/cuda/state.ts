/** How far CUDA is set up, in words. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Driver } from './driver.ts'
import { findLibraries } from './libraries.ts'
import { command, readiness } from './report.ts'
import { findRuntime, providerNames } from './runtime.ts'

/** One line where there is no CUDA to speak of, else what was found and what is left to do. */
export async function cudaState(driver: Driver | undefined): Promise<string[]> {
  const runtime = await findRuntime().catch(() => undefined)
  if (runtime === undefined) return ['CUDA: none for ONNX Runtime on this platform']
  const provider = join(runtime.folder, providerNames[1])
  if (!existsSync(provider)) {
    if (driver === undefined) return ['CUDA: no NVIDIA driver here']
    return [`CUDA: not set up yet; run \`${command}\``]
  }
  const libraries = await findLibraries(provider, runtime.folder)
  return [
    `CUDA: the provider of ONNX Runtime ${runtime.version} is in place`,
    ...readiness(driver, libraries),
  ]
}
