/** Small but real libraries, wheels and packages, and a house to set CUDA up in. */
import { createHash, randomBytes } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32, deflateRawSync } from 'node:zlib'
import { Command, root } from '../system/house.ts'

/** A shared library for Linux x64 that the dynamic loader takes, with nothing in it but random bytes. */
export function library(soname: string, needs: readonly string[] = []): Buffer {
  const names = Buffer.from(`\0${[soname, ...needs].join('\0')}\0`)
  const nameAt = (name: string) => names.indexOf(`\0${name}\0`) + 1
  const strings = 64 + 3 * 56
  const symbols = align(strings + names.length)
  // One empty symbol, and a hash table that finds none.
  const hash = symbols + 24
  const dynamic = hash + 16
  const [NEEDED, HASH, STRTAB, SYMTAB, STRSZ, SYMENT, SONAME] = [1, 4, 5, 6, 10, 11, 14]
  const entries = [
    ...needs.map((name) => [NEEDED, nameAt(name)]),
    [SONAME, nameAt(soname)],
    [HASH, hash],
    [STRTAB, strings],
    [SYMTAB, symbols],
    [STRSZ, names.length],
    [SYMENT, 24],
    [0, 0],
  ]
  const filler = dynamic + entries.length * 16
  const sections = filler + 4096
  const file = Buffer.alloc(sections + 64)
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  file.writeUInt16LE(3, 16)
  file.writeUInt16LE(62, 18)
  file.writeUInt32LE(1, 20)
  words(file, 32, [64, sections])
  for (const [index, value] of [64, 56, 3, 64, 1, 0].entries()) {
    file.writeUInt16LE(value, 52 + 2 * index)
  }
  const [LOAD, DYNAMIC, STACK] = [1, 2, 0x6474e551]
  const segments: [type: number, offset: number, size: number][] = [
    [LOAD, 0, file.length],
    [DYNAMIC, dynamic, entries.length * 16],
    [STACK, 0, 0],
  ]
  for (const [index, [type, offset, size]] of segments.entries()) {
    const at = 64 + 56 * index
    file.writeUInt32LE(type, at)
    file.writeUInt32LE(6, at + 4)
    words(file, at + 8, [offset, offset, offset, size, size, type === LOAD ? 4096 : 8])
  }
  names.copy(file, strings)
  file.writeUInt32LE(1, hash)
  file.writeUInt32LE(1, hash + 4)
  words(file, dynamic, entries.flat())
  randomBytes(4096).copy(file, filler)
  return file
}

const align = (offset: number) => Math.ceil(offset / 8) * 8

function words(file: Buffer, offset: number, values: readonly (number | undefined)[]): void {
  for (const [index, value] of values.entries()) {
    file.writeBigUInt64LE(BigInt(value ?? 0), offset + 8 * index)
  }
}

/** Of a version that no machine has. */
export const cudaNames = ['libcublasLt.so.99', 'libcublas.so.99', 'libcudart.so.99'] as const
export const driverName = 'libcuda.so.1'
export const shared = 'libonnxruntime_providers_shared.so'
export const cuda = 'libonnxruntime_providers_cuda.so'

export type Files = Record<string, Buffer | string>

export const provider: Record<string, Buffer> = {
  [shared]: library(shared),
  [cuda]: library(cuda, [...cudaNames, driverName]),
}

/** A zip of these files, compressed. */
export function zip(files: Files): Buffer {
  const parts: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const [path, contents] of Object.entries(files)) {
    const name = Buffer.from(path)
    const bytes = Buffer.from(contents)
    const packed = deflateRawSync(bytes)
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(8, 4)
    fields.writeUInt32LE(crc32(bytes), 10)
    fields.writeUInt32LE(packed.length, 14)
    fields.writeUInt32LE(bytes.length, 18)
    fields.writeUInt16LE(name.length, 22)
    const where = Buffer.alloc(14)
    where.writeUInt32LE(offset, 10)
    parts.push(Buffer.from('PK\u0003\u0004'), fields, name, packed)
    directory.push(Buffer.from('PK\u0001\u0002'), Buffer.from([20, 0]), fields, where, name)
    offset += 4 + fields.length + name.length + packed.length
  }
  const end = Buffer.alloc(22)
  end.write('PK\u0005\u0006')
  end.writeUInt16LE(Object.keys(files).length, 8)
  end.writeUInt16LE(Object.keys(files).length, 10)
  end.writeUInt32LE(Buffer.concat(directory).length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...parts, ...directory, end])
}

/** A Python wheel; `promised` is what its RECORD speaks of. */
export function wheel(name: string, version: string, files: Files, promised = files): Buffer {
  const info = `${name.replaceAll('-', '_')}-${version}.dist-info`
  const lines = Object.entries(promised).map(([path, contents]) => {
    const sum = createHash('sha256').update(contents).digest('base64url')
    return `${path},sha256=${sum},${Buffer.byteLength(contents)}\n`
  })
  return zip({
    ...files,
    [`${info}/METADATA`]: `Metadata-Version: 2.4\nName: ${name}\nVersion: ${version}\n`,
    [`${info}/RECORD`]: `${lines.join('')}${info}/RECORD,,\n`,
  })
}

export const under = (folder: string, files: Record<string, Buffer>): Record<string, Buffer> =>
  Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`${folder}/${name}`, bytes]))

export const galleryId = 'Microsoft.ML.OnnxRuntime.Gpu.Linux'

export const nupkg = (version: string, files: Files): Buffer =>
  zip({
    [`${galleryId}.nuspec`]: `<?xml version="1.0"?>
<package><metadata><id>${galleryId}</id><version>${version}</version></metadata></package>`,
    ...files,
  })

export const native = 'runtimes/linux-x64/native'

/** A copy of the host with an onnxruntime-node of its own, of version 9.9.9. */
export interface House {
  folder: string
  /** Where the provider belongs. */
  target: string
  /** What lies there but the core library. */
  placed: () => string[]
  /** A file beside the house. */
  file: (name: string, contents: Buffer) => string
  run: (args: readonly string[], env?: NodeJS.ProcessEnv, node?: readonly string[]) => Command
}

export function createHouse(): House {
  const folder = mkdtempSync(join(tmpdir(), 'tpo-cuda-'))
  for (const room of ['host', 'shared'])
    cpSync(join(root, room), join(folder, room), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  const runtime = join(folder, 'node_modules/onnxruntime-node')
  const target = join(runtime, 'bin/napi-v6/linux/x64')
  mkdirSync(target, { recursive: true })
  writeFileSync(join(runtime, 'package.json'), '{"name":"onnxruntime-node","version":"9.9.9"}')
  writeFileSync(join(target, 'libonnxruntime.so.1'), '')
  for (const name of ['commander', 'yaml', 'yauzl', 'zod']) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  }
  return {
    folder,
    target,
    placed: () =>
      readdirSync(target)
        .filter((name) => name !== 'libonnxruntime.so.1')
        .sort(),
    file(name, contents) {
      writeFileSync(join(folder, name), contents)
      return join(folder, name)
    },
    run: (args, env = {}, node = []) =>
      new Command(process.execPath, [...node, 'host/setup-cuda.ts', ...args], env, folder),
  }
}
