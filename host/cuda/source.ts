/** What a wheel, a NuGet package or a folder offers. */
import { createReadStream } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import { StartError } from '../entry.ts'
import { type Archive, openArchive } from './archive.ts'

/** A library that can be put in place. */
export interface Offer {
  /** File name. */
  name: string
  /** Bytes. */
  size: number
  /** What the source says of the contents, as far as it does: SHA-256 in hex, or a zip's CRC-32. */
  sha256?: string
  crc32?: number
  open: () => Promise<Readable>
}

export interface Source {
  /** What it is, for a person. */
  label: string
  /** Of the package; undefined for a folder. */
  version?: string
  /** By what its files are checked, for a person. */
  checkedBy: string
  /** Its shared libraries, by name. */
  offers: ReadonlyMap<string, Offer>
  close: () => void
}

const isLibrary = (path: string) => /^lib[\w.+-]+\.so[\d.]*$/.test(basename(path))

/** Throws a `StartError` where the path leads to nothing that could offer a library. */
export async function openSource(path: string): Promise<Source> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) throw new StartError(`there is no ${resolve(path)}`)
  if (found.isDirectory()) return openFolder(path)
  const archive = await openArchive(path)
  try {
    const record = [...archive.entries.keys()].find((name) =>
      /^[^/]+\.dist-info\/RECORD$/.test(name),
    )
    if (record !== undefined) return await wheelSource(archive, record)
    const nuspec = [...archive.entries.keys()].find((name) => /^[^/]+\.nuspec$/.test(name))
    if (nuspec !== undefined) return await packageSource(archive, nuspec)
  } catch (error) {
    archive.close()
    throw error
  }
  archive.close()
  throw new StartError(`${path} is neither a Python wheel nor a NuGet package`)
}

async function openFolder(path: string): Promise<Source> {
  const offers = new Map<string, Offer>()
  for (const name of (await readdir(path)).filter(isLibrary)) {
    const file = join(path, name)
    const found = await stat(file).catch(() => undefined)
    if (!found?.isFile()) continue
    offers.set(name, { name, size: found.size, open: async () => createReadStream(file) })
  }
  return {
    label: `the folder ${path}`,
    checkedBy: 'their form only, since a folder names no checksums',
    offers,
    close: () => undefined,
  }
}

async function wheelSource(archive: Archive, record: string): Promise<Source> {
  const metadata = await archive.text(record.replace(/RECORD$/, 'METADATA'))
  const field = (name: string) => new RegExp(`^${name}: *(.+?) *$`, 'm').exec(metadata)?.[1]
  const version = field('Version')
  const sums = parseRecord(await archive.text(record))
  const offers = libraries(archive).map((offer): [string, Offer] => {
    const sha256 = sums.get(offer.path)
    if (sha256 !== undefined) return [offer.name, { ...offer, sha256 }]
    throw new StartError(`RECORD of the wheel names no SHA-256 of ${offer.path}; fetch it again`)
  })
  return {
    label: `${field('Name')} ${version}`,
    ...(version !== undefined && { version }),
    checkedBy: "SHA-256 of the wheel's RECORD",
    offers: new Map(offers),
    close: archive.close,
  }
}

/** Lines of a wheel's RECORD: SHA-256 in hex by path. */
function parseRecord(record: string): Map<string, string> {
  const lines = record.matchAll(/^"?([^",\n]+)"?,sha256=([\w-]+),\d+\r?$/gm)
  return new Map(
    [...lines].map(([, path = '', sum = '']) => [
      path,
      Buffer.from(sum, 'base64url').toString('hex'),
    ]),
  )
}

async function packageSource(archive: Archive, nuspec: string): Promise<Source> {
  const metadata = await archive.text(nuspec)
  const field = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(metadata)?.[1]
  const version = field('version')
  return {
    label: `${field('id')} ${version}`,
    ...(version !== undefined && { version }),
    checkedBy: "CRC-32 of the package's zip",
    offers: new Map(
      libraries(archive)
        .filter(({ path }) => path.startsWith('runtimes/linux-x64/native/'))
        .map((offer) => [offer.name, offer]),
    ),
    close: archive.close,
  }
}

const libraries = (archive: Archive): (Offer & { path: string })[] =>
  [...archive.entries].flatMap(([path, entry]) => {
    if (!isLibrary(path)) return []
    const { uncompressedSize: size, crc32 } = entry
    return [{ path, name: basename(path), size, crc32, open: () => archive.open(entry) }]
  })
