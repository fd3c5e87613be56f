/** What was found, and what is left to do, in words. */
import type { Driver, Gpu } from './driver.ts'
import { driverLibrary, type Library } from './libraries.ts'

/** What CUDA 13 asks for; ONNX Runtime's provider is built with it since version 1.27. */
const needs = { cuda: 13, driver: 580, computeCapability: 7.5 }

/** How the command is run in the repository, and where the package is installed. */
export const command = import.meta.url.endsWith('.ts')
  ? 'npm run setup:cuda --'
  : 'npx tpo setup cuda'

/** Python packages in which NVIDIA distributes its libraries. */
const packages: Record<string, string> = {
  libcudart: 'nvidia-cuda-runtime==13.*',
  libcublas: 'nvidia-cublas==13.*',
  libcublasLt: 'nvidia-cublas==13.*',
  libcurand: 'nvidia-curand==10.*',
}

/** Driver, GPUs and libraries, one a line. */
export function findings(driver: Driver | undefined, libraries: readonly Library[]): string[] {
  const width = Math.max(...libraries.map(({ name }) => name.length))
  return [
    driver === undefined
      ? 'Driver: nvidia-smi finds none'
      : `Driver ${driver.version}, for CUDA up to ${driver.cuda.toFixed(1)}`,
    ...(driver?.gpus ?? []).map((gpu) => `  ${gpuLine(gpu)}`),
    'Libraries that the provider needs:',
    ...libraries.map(({ name, path }) => `  ${name.padEnd(width)}  ${path ?? 'not found'}`),
  ]
}

const gib = (bytes: number) => (bytes / 2 ** 30).toFixed(1)

function gpuLine({ index, name, memory, computeCapability }: Gpu): string {
  const room = memory === undefined ? '' : `, ${gib(memory.free)} of ${gib(memory.total)} GiB free`
  return `GPU ${index}: ${name}${room}, compute capability ${computeCapability.toFixed(1)}`
}

/** What was found and whether CUDA is ready, or else what is left to do, one a line. */
export function readiness(driver: Driver | undefined, libraries: readonly Library[]): string[] {
  const left = remedies(driver, libraries)
  return [
    ...findings(driver, libraries),
    left.length === 0 ? 'CUDA is ready' : 'CUDA is not ready yet:',
    ...left.map((line) => (line.startsWith('  ') ? `  ${line}` : `- ${line}`)),
  ]
}

/** What keeps CUDA from working, with what to do about it; empty when it is ready. */
export function remedies(driver: Driver | undefined, libraries: readonly Library[]): string[] {
  return [...driverRemedies(driver, libraries), ...libraryRemedies(libraries)]
}

function driverRemedies(driver: Driver | undefined, libraries: readonly Library[]): string[] {
  const known = libraries.some(({ name, path }) => name === driverLibrary && path !== undefined)
  if (driver === undefined) {
    // Some containers have the driver's library and not its tool.
    if (known) return []
    return [
      `install NVIDIA's driver, version ${needs.driver} or newer; a container gets it from its host, with --gpus all and the NVIDIA Container Toolkit`,
    ]
  }
  if (driver.cuda < needs.cuda) {
    return [
      `update NVIDIA's driver to version ${needs.driver} or newer: ${driver.version} is for CUDA up to ${driver.cuda.toFixed(1)}, and CUDA ${needs.cuda} is needed`,
    ]
  }
  if (!driver.gpus.some((gpu) => gpu.computeCapability >= needs.computeCapability)) {
    const why =
      driver.gpus.length === 0
        ? 'there is no GPU'
        : `CUDA ${needs.cuda} no longer runs the GPUs here`
    return [
      `give the machine a GPU of compute capability ${needs.computeCapability} or newer: ${why}`,
    ]
  }
  if (!known) return [`let the loader find ${driverLibrary}, which came with the driver`]
  return []
}

function libraryRemedies(libraries: readonly Library[]): string[] {
  const missing = libraries.filter(({ name, path }) => path === undefined && name !== driverLibrary)
  const wheels = new Set(missing.flatMap(({ name }) => packages[name.split('.so')[0] ?? ''] ?? []))
  const strangers = missing.filter(({ name }) => packages[name.split('.so')[0] ?? ''] === undefined)
  return [
    ...(wheels.size === 0
      ? []
      : [
          `install the CUDA ${needs.cuda} toolkit, or fetch what is missing as wheels and put it beside the provider:`,
          `  pip download --no-deps -d cuda-wheels ${[...wheels].map((name) => `'${name}'`).join(' ')}`,
          `  ${command} --from cuda-wheels/*.whl`,
        ]),
    ...strangers.map(({ name }) => `install the package of your system that has ${name}`),
  ]
}
