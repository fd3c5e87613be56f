/** A package of a NuGet gallery, by version 3 of its protocol. */
import { z } from 'zod'
import type { RemoteFile } from '../download/file.ts'
import { reason, UnreachableError } from '../download/unreachable.ts'
import { StartError } from '../entry.ts'

/** How long a silent server is waited for, in milliseconds. */
export const patience = 20_000

export interface GalleryPackage extends RemoteFile {
  url: string
}

const ServiceIndex = z.object({
  resources: z.array(z.object({ '@id': z.url(), '@type': z.string() })),
})

/** Where a package's versions are listed; the first also lists those of SemVer 2. */
const registrations = [
  'RegistrationsBaseUrl/3.6.0',
  'RegistrationsBaseUrl/3.4.0',
  'RegistrationsBaseUrl/3.0.0-rc',
  'RegistrationsBaseUrl/3.0.0-beta',
  'RegistrationsBaseUrl',
]

const Leaf = z.object({
  catalogEntry: z.object({ '@id': z.url(), version: z.string() }),
  packageContent: z.url(),
})
const Page = z.object({ items: z.array(Leaf) })
const Registration = z.object({
  items: z.array(z.object({ '@id': z.url(), items: z.array(Leaf).optional() })),
})

const hashBytes: Record<string, number> = { SHA512: 64, SHA256: 32 }
const CatalogEntry = z
  .object({
    packageHash: z.base64(),
    packageHashAlgorithm: z.string(),
    packageSize: z.number().int().positive(),
  })
  .transform(({ packageHash, packageHashAlgorithm, packageSize }, context) => {
    const hash = Buffer.from(packageHash, 'base64')
    if (hash.length === hashBytes[packageHashAlgorithm.toUpperCase()]) {
      return { hash: hash.toString('hex'), size: packageSize }
    }
    context.addIssue('an unknown hash')
    return z.NEVER
  })

/**
 * Address, size and hash of one version of a package. `index` is the gallery's service index.
 * Throws a `StartError` where it has no such version, or publishes no hash of it.
 */
export async function findPackage(
  index: string,
  id: string,
  version: string,
): Promise<GalleryPackage> {
  const { host } = new URL(index)
  const { resources } = await read(index, ServiceIndex)
  const base = registrations
    .map((type) => resources.find((resource) => resource['@type'] === type))
    .find((resource) => resource !== undefined)
  if (base === undefined) throw strange(index)
  const listing = `${base['@id'].replace(/\/$/, '')}/${id.toLowerCase()}/index.json`
  for (const page of (await read(listing, Registration)).items) {
    const leaves = page.items ?? (await read(page['@id'], Page)).items
    // Build metadata after a plus sign does not tell versions apart.
    const leaf = leaves.find(({ catalogEntry }) => catalogEntry.version.split('+')[0] === version)
    if (leaf === undefined) continue
    const entry = await read(leaf.catalogEntry['@id'], CatalogEntry).catch((cause: unknown) => {
      if (cause instanceof UnreachableError) throw cause
      throw new StartError(
        `${host} publishes no hash of ${id} ${version}, so it could not be checked; give another gallery with --source, or a file with --from`,
        { cause },
      )
    })
    return { ...entry, path: `${id} ${version}`, url: leaf.packageContent }
  }
  throw new StartError(`${host} has no version ${version} of ${id}; give a file with --from`)
}

async function read<T>(url: string, schema: z.ZodType<T>): Promise<T> {
  const response = await galleryFetch(url)
  const text = await response.text().catch((cause: unknown) => {
    throw new UnreachableError(`${new URL(url).host} broke off (${reason(cause)}), try again`)
  })
  const parsed = schema.safeParse(parseJson(text))
  if (!parsed.success) throw strange(url)
  return parsed.data
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const strange = (url: string) =>
  new StartError(
    `${new URL(url).host} does not answer like a NuGet gallery; --source is the address of a service index, such as https://api.nuget.org/v3/index.json`,
  )

/** A `fetch` that rejects with a `StartError` of one line unless the answer is a success. */
export const galleryFetch: typeof fetch = async (input, init) => {
  const { host, pathname } = new URL(input instanceof Request ? input.url : input)
  const signal = init?.signal ?? AbortSignal.timeout(patience)
  const response = await fetch(input, { ...init, signal }).catch((cause: unknown) => {
    throw new UnreachableError(
      `${host} cannot be reached (${reason(cause)}); check the network, or give a file with --from`,
      { cause },
    )
  })
  if (response.ok) return response
  await response.body?.cancel()
  const { status } = response
  if (status === 429 || status >= 500) {
    throw new UnreachableError(`${host} answers with status ${status}, try again later`)
  }
  throw new StartError(
    `${host} refuses ${pathname} with status ${status}; check --source, or give a file with --from`,
  )
}
