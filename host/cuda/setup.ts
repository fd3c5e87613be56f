/** Puts ONNX Runtime's CUDA provider, and libraries of CUDA itself, beside its core library. */
import { join } from 'node:path'
import { downloadFile, partOf } from '../download/file.ts'
import { createProgress, type Output } from '../download/progress.ts'
import { StartError } from '../entry.ts'
import { findLibraries, type Library } from './libraries.ts'
import { findPackage, galleryFetch, patience } from './nuget.ts'
import { isInPlace, place, type Scratch, stage, type Staged } from './place.ts'
import { readRecord, type Record, writeRecord } from './record.ts'
import { providerNames, type Runtime } from './runtime.ts'
import { type Offer, openSource, type Source } from './source.ts'

export interface Request {
  runtime: Runtime
  /** Wheels, NuGet packages and folders to take libraries from. */
  from: readonly string[]
  /** Service index of the NuGet gallery that has what they lack. */
  gallery: string
  scratch: Scratch
  /** Where progress goes. */
  output: Output
}

export interface Outcome {
  /** Names of what was put in place now; empty when all was right already. */
  placed: string[]
  /** Where the provider came from and how it was checked. */
  origin: string
  /** NVIDIA's libraries that the provider needs. */
  libraries: Library[]
}

/**
 * Nothing gets its name before all of it has been checked. Throws a `StartError` where the
 * provider cannot be put in place.
 */
export async function setUp(request: Request): Promise<Outcome> {
  const sources: Source[] = []
  try {
    for (const path of request.from) sources.push(await openSource(path))
    const given = sources.find(({ offers }) => providerNames.some((name) => offers.has(name)))
    const provider = await prepareProvider(request, given)
    const { runtime, scratch } = request
    const cuda = provider.staged.find(({ name }) => name === providerNames[1])
    const needed = await findLibraries(
      cuda?.path ?? join(runtime.folder, providerNames[1]),
      runtime.folder,
    )
    for (const { label, offers } of sources) {
      if (providerNames.some((name) => offers.has(name))) continue
      if (needed.some(({ name }) => offers.has(name))) continue
      const names = needed.map(({ name }) => name).join(', ')
      throw new StartError(`${label} has none of the libraries that are needed: ${names}`)
    }
    const libraries = await prepareLibraries(request, sources, needed)
    const staged = [...provider.staged, ...libraries]
    await place(staged, scratch)
    if (provider.staged.length > 0) await writeRecord(runtime, provider.record)
    // A download that was stopped is of no more use.
    scratch.add(partOf(packageFile(runtime)))
    return {
      placed: staged.map(({ name }) => name),
      origin: provider.record.origin,
      libraries: await findLibraries(join(runtime.folder, providerNames[1]), runtime.folder),
    }
  } finally {
    for (const source of sources) source.close()
  }
}

interface Prepared {
  staged: Staged[]
  record: Record
}

async function prepareProvider(request: Request, given: Source | undefined): Promise<Prepared> {
  const { runtime } = request
  const record = await readRecord(runtime)
  if (given !== undefined) {
    const offers = providerOffers(given, runtime)
    const right = await Promise.all(offers.map((offer) => isInPlace(offer, runtime.folder)))
    if (record !== undefined && right.every(Boolean)) return { staged: [], record }
    return stageProvider(request, given, `checked by ${given.checkedBy}`)
  }
  if (record !== undefined) return { staged: [], record }
  return fromGallery(request)
}

function providerOffers(source: Source, { version }: Runtime): Offer[] {
  if (source.version !== undefined && source.version !== version) {
    throw new StartError(
      `${source.label} is of another version than onnxruntime-node, which is ${version}; give version ${version}`,
    )
  }
  return providerNames.map((name) => {
    const offer = source.offers.get(name)
    if (offer !== undefined) return offer
    throw new StartError(`${source.label} has no ${name}; both files of the provider are needed`)
  })
}

async function stageProvider(request: Request, source: Source, check: string): Promise<Prepared> {
  const { runtime, scratch } = request
  const staged: Staged[] = []
  for (const offer of providerOffers(source, runtime)) {
    staged.push(await stage(offer, runtime.folder, scratch))
  }
  const sha256 = Object.fromEntries(staged.map((library) => [library.name, library.sha256]))
  const origin = `${source.label}, ${check}`
  return { staged, record: { version: runtime.version, origin, sha256 } }
}

const galleryId = 'Microsoft.ML.OnnxRuntime.Gpu.Linux'
const packageFile = ({ folder, version }: Runtime) => join(folder, `${galleryId}.${version}.nupkg`)

async function fromGallery(request: Request): Promise<Prepared> {
  const { runtime, gallery, scratch, output } = request
  const file = await findPackage(gallery, galleryId, runtime.version)
  const { host } = new URL(gallery)
  const target = packageFile(runtime)
  output.write(`tpo: fetching ${file.path} from ${host}\n`)
  const progress = createProgress(file.path, file.size, output)
  try {
    const { url } = file
    await downloadFile({
      file,
      promisedBy: host,
      url,
      target,
      fetch: galleryFetch,
      patience,
      progress,
    })
  } finally {
    progress.end()
  }
  scratch.add(target)
  const source = await openSource(target)
  try {
    return await stageProvider(request, source, `checked by the package hash of ${host}`)
  } finally {
    source.close()
  }
}

async function prepareLibraries(
  { runtime, scratch }: Request,
  sources: readonly Source[],
  needed: readonly Library[],
): Promise<Staged[]> {
  const staged: Staged[] = []
  for (const { name } of needed) {
    const offer = sources.map(({ offers }) => offers.get(name)).find((found) => found !== undefined)
    if (offer === undefined || (await isInPlace(offer, runtime.folder))) continue
    staged.push(await stage(offer, runtime.folder, scratch))
  }
  return staged
}
