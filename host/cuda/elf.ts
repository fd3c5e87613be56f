/** The form of a shared library, as far as it tells a whole file from a broken or foreign one. */
import { open } from 'node:fs/promises'

const headerBytes = 64
const sharedObject = 3
const x64 = 62

/** What keeps a file from being a shared library for Linux x64; undefined where nothing does. */
export async function elfFault(path: string): Promise<string | undefined> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const header = Buffer.alloc(headerBytes)
    const { bytesRead } = await file.read(header, 0, headerBytes, 0)
    // The magic number, then 2 for 64 bits and 1 for little endian.
    if (bytesRead < headerBytes || header.readUIntBE(0, 6) !== 0x7f_45_4c_46_02_01) {
      return 'is no 64-bit ELF file'
    }
    if (header.readUInt16LE(16) !== sharedObject) return 'is no shared library'
    if (header.readUInt16LE(18) !== x64) return 'is for another processor than x64'
    // The table of sections stands at the end, so a file that was cut off lacks it.
    const sections = Number(header.readBigUInt64LE(40))
    const end = sections + header.readUInt16LE(58) * header.readUInt16LE(60)
    return end > size ? 'is cut off' : undefined
  } finally {
    await file.close()
  }
}
