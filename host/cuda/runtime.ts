/** Where ONNX Runtime looks for its CUDA provider. */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { StartError } from '../entry.ts'

/** The libraries that make up the provider, the one that needs nothing first. */
export const providerNames = [
  'libonnxruntime_providers_shared.so',
  'libonnxruntime_providers_cuda.so',
] as const

export interface Runtime {
  /** Of the installed onnxruntime-node. */
  version: string
  /** Folder of its core library, where the provider belongs. */
  folder: string
}

const Manifest = z.object({ version: z.string().regex(/^\d+\.\d+\.\d+[\w.-]*$/) })

/** Throws a `StartError` on a platform for which there is no CUDA provider, or where the package is not whole. */
export async function findRuntime(): Promise<Runtime> {
  expectLinux()
  const file = createRequire(import.meta.url).resolve('onnxruntime-node/package.json')
  const { version } = Manifest.parse(JSON.parse(await readFile(file, 'utf8')))
  const folder = join(dirname(file), 'bin/napi-v6/linux/x64')
  if (existsSync(join(folder, 'libonnxruntime.so.1'))) return { version, folder }
  throw new StartError(
    `onnxruntime-node ${version} has no core library in ${folder}; install it again`,
  )
}

function expectLinux(): void {
  const { platform, arch } = process
  if (platform === 'linux' && arch === 'x64') return
  const instead: Partial<Record<NodeJS.Platform, string>> = {
    win32: '; DirectML and WebGPU are there already, with nothing to set up',
    darwin: '; CoreML and WebGPU are there already, with nothing to set up',
  }
  throw new StartError(
    `ONNX Runtime for Node has CUDA on Linux x64 only, and this is ${platform} ${arch}${instead[platform] ?? ''}`,
  )
}
