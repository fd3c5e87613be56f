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

/** The driver of this machine; undefined where there is none that works. */
export async function findDriver(): Promise<Driver | undefined> {
  try {
    const ask = async (...args: string[]) => (await run('nvidia-smi', args)).stdout
    const query = [`--query-gpu=${columns}`, '--format=csv,noheader,nounits']
    return parseDriver(await ask(), await ask(...query))
  } catch {
    return undefined
  }
}

/** Reads what `nvidia-smi` prints without options, and for a query of `columns`. */
export function parseDriver(overview: string, table: string): Driver | undefined {
  // Since version 610: KMD (kernel mode driver) and UMD (user mode driver).
  const version = /(?:Driver|KMD) Version: ([\d.]+)/.exec(overview)?.[1]
  const cuda = /CUDA (?:UMD )?Version: (\d+\.\d+)/.exec(overview)?.[1]
  if (version === undefined || cuda === undefined) return undefined
  const gpus = table.split('\n').flatMap((line) => parseGpu(line) ?? [])
  return { version, cuda: Number(cuda), gpus }
}

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
