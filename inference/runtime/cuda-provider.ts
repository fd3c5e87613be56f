import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Whether `npm run setup:cuda` has put the provider's library in its place. */
export function hasCuda(): boolean {
  const core = createRequire(import.meta.url).resolve('onnxruntime-node')
  const folder = join(dirname(core), '../bin/napi-v6', process.platform, process.arch)
  return existsSync(join(folder, 'libonnxruntime_providers_cuda.so'))
}
