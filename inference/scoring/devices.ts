/** Which devices a classifier runs on. */
import { existsSync } from 'node:fs'
import { InferenceError } from '../errors.ts'
import type { ModelFolder } from '../model/folder.ts'
import type { OnWorkerState } from '../runtime/lasting-worker.ts'
import { weightBytes } from '../model/memory.ts'
import { hasCuda } from '../runtime/cuda-provider.ts'
import { type Target, targetName, targetOf, type TypeName, typeNames } from '../runtime/target.ts'
import { createDevice, type Device } from './device.ts'
import type { Packing } from './packing.ts'
import type { WorkerProcess } from '../runtime/worker-process.ts'

export interface DeviceChoice {
  /** Names such as `cpu`, `cuda:0`, `webgpu`; or `auto` alone, which takes the best that works. */
  devices: readonly string[]
  dtype: TypeName | 'auto'
}

export interface OpenDevices {
  target: Target
  devices: Device[]
}

interface Opening {
  folder: ModelFolder
  choice: DeviceChoice
  /** Positions of a sequence that the model's head reads. */
  reads: number
  /** Starts a worker that has the model loaded. */
  start: (target: Target) => Promise<WorkerProcess>
  /** How a device takes sequences. */
  createPacking: (target: Target) => Packing
  /** Hears of every later change of a device's state. */
  onState: (device: string, ...change: Parameters<OnWorkerState>) => void
  /** Hears why `auto` did not take a device. */
  log: (line: string) => void
}

/** Throws an `InferenceError` when a device that was asked for cannot load the model. */
export async function openDevices(opening: Opening): Promise<OpenDevices> {
  const { choice } = opening
  if (choice.devices.length === 1 && choice.devices[0] === 'auto') return openBest(opening)
  const targets = choice.devices.map((name) => targetOf(name, opening.folder, choice.dtype))
  const [target] = targets
  if (target === undefined || targets.some(({ provider }) => provider !== target.provider)) {
    throw new InferenceError(
      'model',
      `the devices ${choice.devices.join(', ')} are of several kinds, on which scores differ; choose those of one kind`,
    )
  }
  return { target, devices: await Promise.all(targets.map((one) => open(opening, one))) }
}

async function open({ folder, start, onState }: Opening, target: Target): Promise<Device> {
  if (target.provider === 'cuda' && !hasCuda()) {
    throw new InferenceError('model', 'CUDA is not set up here; run `npm run setup:cuda` first')
  }
  try {
    const name = targetName(target)
    return await createDevice(
      target,
      () => start(target),
      (...change) => onState(name, ...change),
    )
  } catch (error) {
    throw outOfMemory.test(why(error)) ? tooLarge(folder, target) : error
  }
}

const outOfMemory = /out of memory|failed to allocate memory|bad_alloc/i

function tooLarge(folder: ModelFolder, target: Target): InferenceError {
  const gigabytes = (weightBytes(folder, target.type) / 1e9).toFixed(1)
  return new InferenceError(
    'model',
    `${folder.path} does not fit into the memory of ${targetName(target)}: its weights alone take ${gigabytes} GB in ${typeNames[target.type]}. Choose a smaller model or a larger device, or serve it with vLLM and set TPO_REWARD_BASE_URL and TPO_REWARD_API=vllm`,
  )
}

const why = (error: unknown) => (error instanceof Error ? error.message : String(error))

async function openBest(opening: Opening): Promise<OpenDevices> {
  const { folder, choice, reads, log } = opening
  const one = async (name: string) => {
    const target = targetOf(name, folder, choice.dtype)
    return { target, devices: [await open(opening, target)] }
  }
  if (hasCuda()) {
    try {
      return await one('cuda:0')
    } catch (error) {
      log(`CUDA is not used: ${why(error)}`)
    }
  } else if (existsSync(nvidiaDevice)) {
    log('an NVIDIA GPU is here; `npm run setup:cuda` makes use of it')
  }
  const cpu = await one('cpu')
  if (!mayHaveAdapter()) return cpu
  try {
    const gpu = await one('webgpu')
    const packing = opening.createPacking(gpu.target)
    const refusal = await refusalOf(gpu.devices, cpu.devices, packing, reads)
    const [chosen, other] = refusal === undefined ? [gpu, cpu] : [cpu, gpu]
    if (refusal !== undefined) log(`WebGPU is not used: ${refusal}`)
    await Promise.all(other.devices.map((device) => device.close()))
    return chosen
  } catch (error) {
    log(`WebGPU is not used: ${why(error)}`)
    return cpu
  }
}

const nvidiaDevice = '/dev/nvidia0'

/** On Linux, without such a device there is nothing but an emulation of one. */
const mayHaveAdapter = () =>
  process.platform === 'linux'
    ? existsSync('/dev/dri/renderD128') || existsSync(nvidiaDevice)
    : process.platform === 'darwin' || process.platform === 'win32'

const probes = [1, 2].map((seed) =>
  Int32Array.from({ length: 96 * seed }, (_, place) => (place * place * seed + 7 * place) % 199),
)
const tolerance = 2e-3

/** Why the GPU is not to be trusted, or not worth it. */
async function refusalOf(
  [gpu]: Device[],
  [cpu]: Device[],
  packing: Packing,
  reads: number,
): Promise<string | undefined> {
  if (gpu === undefined || cpu === undefined) return 'there is none'
  for (const ids of probes) packing.add({ ids, reads: Array<number>(reads).fill(ids.length - 1) })
  const batch = packing.build()
  // The first pass of a device prepares what later ones use.
  await Promise.all([gpu.run(batch), cpu.run(batch)])
  const [there, here] = [await gpu.run(batch), await cpu.run(batch)]
  const off = here.logits.findIndex((logit, index) => {
    const difference = Math.abs(logit - (there.logits[index] ?? NaN))
    return !(difference <= tolerance * Math.max(1, Math.abs(logit)))
  })
  if (off !== -1) return `it gives ${there.logits[off]} where the CPU gives ${here.logits[off]}`
  if (there.seconds < here.seconds) return undefined
  return `it takes ${there.seconds.toFixed(3)} s for what the CPU does in ${here.seconds.toFixed(3)} s`
}
