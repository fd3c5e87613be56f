/** Which libraries the CUDA provider needs, and where this machine has them. */
import { execFile } from 'node:child_process'
import { access, glob } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { StartError } from '../entry.ts'

export interface Library {
  /** Such as libcublas.so.13. */
  name: string
  /** Where it lies; undefined where it was not found. */
  path: string | undefined
  /** Whether the dynamic loader finds it by itself. */
  loads: boolean
}

/** Comes with the driver; all others come with CUDA. */
export const driverLibrary = 'libcuda.so.1'

const loader = '/lib64/ld-linux-x86-64.so.2'
const run = promisify(execFile)

/**
 * NVIDIA's libraries that a provider library needs, with those that the loader lacks looked for
 * beside it and in the usual folders. Asks the dynamic loader itself, as `ldd` does: it knows
 * LD_LIBRARY_PATH, the run path and the system's cache. Runs no code of the library.
 */
export async function findLibraries(provider: string, folder: string): Promise<Library[]> {
  const env = { ...process.env, LD_TRACE_LOADED_OBJECTS: '1' }
  const { stdout } = await run(loader, [provider], { env }).catch((cause: unknown) => {
    throw new StartError(
      `the dynamic loader cannot read ${basename(provider)} (${cause instanceof Error ? cause.message.trim() : ''})`,
      { cause },
    )
  })
  const libraries = parseTrace(stdout)
  if (libraries.every(({ loads }) => loads)) return libraries
  const folders = [folder, ...(await usualFolders())]
  for (const library of libraries) library.path ??= await firstWith(folders, library.name)
  return libraries
}

/** Reads the loader's trace: NVIDIA's libraries, and any other that was not found. */
export function parseTrace(trace: string): Library[] {
  const lines = trace.matchAll(/^\s+(\S+) => (not found|\S+)/gm)
  return [...lines].flatMap(([, name = '', path = '']) => {
    const loads = path !== 'not found'
    if (loads && !/^lib(cuda|cublas|curand|cufft|cudnn|nv)/.test(name)) return []
    return [{ name, path: loads ? path : undefined, loads }]
  })
}

/** Where CUDA lies when its toolkit or Python packages of it are installed. */
async function usualFolders(): Promise<string[]> {
  const { PATH = '', CUDA_HOME, CUDA_PATH } = process.env
  const pythons = [
    ...PATH.split(delimiter)
      .filter((path) => basename(path) === 'bin')
      .map(dirname),
    join(homedir(), '.local'),
    join(process.cwd(), '.venv'),
  ]
  const patterns = [
    ...[...new Set(pythons)].map((root) =>
      join(root, 'lib/python3*/{site,dist}-packages/nvidia/*/lib'),
    ),
    ...[CUDA_HOME, CUDA_PATH].flatMap((root) => (root ? [join(root, 'lib64')] : [])),
    '/usr/local/cuda*/{lib64,targets/x86_64-linux/lib}',
    '/usr/lib/wsl/lib',
    '/usr/local/nvidia/lib64',
  ]
  const folders: string[] = []
  for await (const folder of glob(patterns)) folders.push(folder)
  return folders
}

async function firstWith(folders: readonly string[], name: string): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, name)
    const found = await access(path).then(
      () => true,
      () => false,
    )
    if (found) return path
  }
  return undefined
}
