/** NVIDIA's driver and its GPUs, as nvidia-smi tells them. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface Gpu {
  index: number
  name: string
  /** Bytes in all and bytes free; undefined where the GPU shares the machine's memory. */
  memory: { total: number; free: number } | undefined
  /** Such as 9.0 for an H200. */
  computeCapability: number
}

export interface Driver {
  version: string
  /** The newest CUDA it runs, such as 13.0. */
  cuda: number
  gpus: Gpu[]
}

const columns = 'index,name,memory.total,memory.free,compute_cap'
const run = promisify(execFile)
const ask = async (...args: string[]) => (await run('nvidia-smi', args)).stdout
const table = () => ask(`--query-gpu=${columns}`, '--format=csv,noheader,nounits')

/** The driver of this machine; undefined where there is none that works. */
export async function findDriver(): Promise<Driver | undefined> {
  try {
    return parseDriver(await ask(), await table())
  } catch {
    return undefined
  }
}

/** Bytes of each GPU, in all and in use by anyone; none where that cannot be told. */
export async function gpuMemory(): Promise<{ index: number; total: number; used: number }[]> {
  const gpus = await table().then(parseGpus, () => [])
  return gpus.flatMap(({ index, memory }) =>
    memory === undefined ? [] : [{ index, total: memory.total, used: memory.total - memory.free }],
  )
}

/** Reads what `nvidia-smi` prints without options, and for a query of `columns`. */
export function parseDriver(overview: string, table: string): Driver | undefined {
  // Since version 610: KMD (kernel mode driver) and UMD (user mode driver).
  const version = /(?:Driver|KMD) Version: ([\d.]+)/.exec(overview)?.[1]
  const cuda = /CUDA (?:UMD )?Version: (\d+\.\d+)/.exec(overview)?.[1]
  if (version === undefined || cuda === undefined) return undefined
  return { version, cuda: Number(cuda), gpus: parseGpus(table) }
}

const parseGpus = (table: string): Gpu[] =>
  table.split('\n').flatMap((line) => parseGpu(line) ?? [])

function parseGpu(line: string): Gpu | undefined {
  const cells = /^(\d+), (.+), (\d+|\[N\/A\]), (\d+|\[N\/A\]), (\d+\.\d+)$/.exec(line.trim())
  if (cells === null) return undefined
  const [, index, name = '', total, free, capability] = cells
  const memory = { total: Number(total) * 2 ** 20, free: Number(free) * 2 ** 20 }
  return {
    index: Number(index),
    name,
    memory: Number.isNaN(memory.total) || Number.isNaN(memory.free) ? undefined : memory,
    computeCapability: Number(capability),
  }
}
