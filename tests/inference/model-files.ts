/** Files of model folders, to be changed and broken. */
import { readFile, writeFile } from 'node:fs/promises'

export interface Entry {
  dtype: string
  shape: number[]
  data_offsets: [number, number]
}

export type Header = Record<string, Entry>

/** The text of a safetensors file's header, and the data behind it. */
export async function readParts(file: string): Promise<{ text: string; data: Buffer }> {
  const bytes = await readFile(file)
  const end = 8 + Number(bytes.readBigUInt64LE())
  return { text: bytes.toString('utf8', 8, end), data: bytes.subarray(end) }
}

/** A safetensors file with this header, as text or bytes, whatever it says. */
export function safetensors(header: string | Buffer, data: Buffer): Buffer {
  const text = Buffer.from(header)
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  return Buffer.concat([length, text, data])
}

/** Rewrites the header of a safetensors file; the data stays as it is. */
export async function editHeader(file: string, change: (header: Header) => void): Promise<void> {
  const { text, data } = await readParts(file)
  const header: Header = JSON.parse(text)
  change(header)
  await writeFile(file, safetensors(JSON.stringify(header), data))
}

export function entryOf(header: Header, name: string): Entry {
  const entry = header[name]
  if (entry === undefined) throw new Error(`the fixture has no ${name}`)
  return entry
}

/** Changes a JSON file. */
export async function editJson(
  file: string,
  change: (json: Record<string, unknown>) => void,
): Promise<void> {
  const json: Record<string, unknown> = JSON.parse(await readFile(file, 'utf8'))
  change(json)
  await writeFile(file, JSON.stringify(json))
}
