/** A model of the hub as a local folder. */
import { mkdir, readFile, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { listFiles, modelInfo } from '@huggingface/hub'
import { z } from 'zod'
import { downloadFile, partOf, type RemoteFile } from '../download/file.ts'
import { createProgress, type Output, size } from '../download/progress.ts'
import { UnreachableError } from '../download/unreachable.ts'
import { StartError } from '../entry.ts'
import { withLock } from '../lock.ts'
import {
  cachedSnapshot,
  linkBlob,
  missingFrom,
  type ModelCache,
  modelCache,
  sizeOf,
  writeRef,
} from './cache.ts'
import { type Hub, readHub } from './environment.ts'
import type { HubModel } from './id.ts'
import { neededSmallFiles, smallFiles, weightFiles } from './needed.ts'
import { hubFetch } from './request.ts'

/** What a repository says of its model before a weight is fetched. */
export interface ModelCard {
  /** `org/name`. */
  id: string
  /** config.json. */
  config: unknown
  /** All files of the repository. */
  paths: readonly string[]
}

/** Throws when the model is none that the caller can use. */
export type CheckModel = (card: ModelCard) => void

/** What a fetch of one model needs all along. */
interface Context {
  hub: Hub
  model: HubModel
  check: CheckModel
  cache: ModelCache
  fetch: typeof fetch
  output: Output
}

/**
 * Folder with the model's files in the shared cache, fetched as far as they are not there; `check`
 * is called before weights are. Throws a `StartError` of one line, or what `check` throws.
 */
export async function hubSnapshot(
  model: HubModel,
  check: CheckModel,
  output: Output,
): Promise<string> {
  const hub = readHub()
  const cache = modelCache(hub.cache, model)
  const context: Context = { hub, model, check, cache, fetch: hubFetch(hub, model), output }
  try {
    if (hub.offline) return await offlineSnapshot(context)
    return await onlineSnapshot(context)
  } catch (error) {
    throw inWords(error, hub)
  }
}

async function offlineSnapshot({ cache, model }: Context): Promise<string> {
  return cachedSnapshot(cache, model).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new StartError(`${reason}; unset HF_HUB_OFFLINE to fetch it`, { cause })
  })
}

async function onlineSnapshot(context: Context): Promise<string> {
  const { model, cache, output } = context
  let found: Revision
  try {
    found = await findRevision(context)
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error
    const folder = await cachedSnapshot(cache, model).catch(() => undefined)
    if (folder === undefined) throw error
    output.write(`tpo: ${error.message}; going on with ${model.id} as it is in the cache\n`)
    return folder
  }
  const needed = neededSmallFiles(model, found.paths)
  const folder = cache.snapshot(found.commit)
  if (!(await isWhole(folder, needed, found.paths))) {
    await withLock(
      cache.lock,
      () => complete(context, found, needed),
      () => output.write(`tpo: waiting for another process that fetches ${model.id}\n`),
    )
  }
  if (model.revision !== found.commit) await writeRef(cache.ref(model.revision), found.commit)
  return folder
}

const Revision = z.object({
  sha: z.string().regex(/^[\da-f]{40}$/),
  filePaths: z.array(z.string()),
})

interface Revision {
  commit: string
  paths: string[]
}

async function findRevision({ hub, model, fetch }: Context): Promise<Revision> {
  const info = await modelInfo({
    name: model.id,
    revision: model.revision,
    hubUrl: hub.endpoint,
    additionalFields: ['sha', 'filePaths'],
    fetch,
  }).catch(rethrow(hub))
  const revision = Revision.safeParse(info)
  if (!revision.success) throw strange(hub)
  return { commit: revision.data.sha, paths: revision.data.filePaths }
}

async function isWhole(
  folder: string,
  needed: readonly string[],
  paths: readonly string[],
): Promise<boolean> {
  if ((await missingFrom(folder, needed)).length > 0) return false
  const weights = await weightFiles(folder, paths)
  return (await missingFrom(folder, weights)).length === 0
}

/** For what is over before a person could read it. */
const unseen: Output = { write: () => true }

/** Fetches what the snapshot lacks. */
async function complete(context: Context, found: Revision, needed: readonly string[]) {
  const { hub, model, cache, output } = context
  const { commit, paths } = found
  const folder = cache.snapshot(commit)
  // What was missing may have come while the lock was waited for.
  if (await isWhole(folder, needed, paths)) return
  output.write(`tpo: fetching ${model.id} (${model.revision}) into ${hub.cache}\n`)
  const files = await remoteFiles(context, commit, '')
  await fetchFiles(context, commit, files, [smallFiles.config], unseen)
  context.check({ id: model.id, config: await readConfig(folder), paths })
  await fetchFiles(context, commit, files, needed, unseen)
  const weights = await weightFiles(folder, paths)
  const place = dirname(weights[0] ?? '')
  const there = place === '.' ? files : await remoteFiles(context, commit, place)
  await fetchFiles(context, commit, there, weights, output)
}

async function readConfig(folder: string): Promise<unknown> {
  const file = join(folder, smallFiles.config)
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (cause) {
    throw new StartError(`${file} is not valid JSON; choose another model or revision`, { cause })
  }
}

const Entry = z.object({
  path: z.string(),
  size: z.number().int().nonnegative(),
  oid: z.string().regex(/^[\da-f]{40}$/),
  lfs: z
    .object({
      oid: z.string().regex(/^[\da-f]{64}$/),
      size: z.number().int().nonnegative(),
    })
    .optional(),
})

/** The files in one folder of the repository, by name; '' is its top. */
async function remoteFiles(
  context: Context,
  commit: string,
  path: string,
): Promise<Map<string, RemoteFile>> {
  const { hub, model, fetch } = context
  const files = new Map<string, RemoteFile>()
  const listed = listFiles({
    repo: { type: 'model', name: model.id },
    revision: commit,
    hubUrl: hub.endpoint,
    fetch,
    ...(path !== '' && { path }),
  })
  try {
    for await (const item of listed) {
      if (item.type !== 'file') continue
      const entry = Entry.safeParse(item)
      if (!entry.success) throw strange(hub)
      const { path, size, oid, lfs } = entry.data
      files.set(path, { path, size: lfs?.size ?? size, hash: lfs?.oid ?? oid })
    }
  } catch (error) {
    rethrow(hub)(error)
  }
  return files
}

async function fetchFiles(
  context: Context,
  commit: string,
  files: ReadonlyMap<string, RemoteFile>,
  names: readonly string[],
  output: Output,
): Promise<void> {
  const { hub, model, cache, fetch } = context
  const folder = cache.snapshot(commit)
  const missing = (await missingFrom(folder, names)).map((name) => {
    const file = files.get(name)
    if (file === undefined)
      throw new StartError(`${model.id} has no ${name}, which its own index names`)
    return file
  })
  const absent: RemoteFile[] = []
  for (const file of missing) {
    // Another revision may have brought the same contents.
    if ((await sizeOf(cache.blob(file.hash))) !== file.size) absent.push(file)
  }
  if (absent.length > 0) await expectSpace(context, absent)
  const total = absent.reduce((sum, file) => sum + file.size, 0)
  const progress = createProgress(model.id, total, output)
  try {
    for (const file of absent) {
      await downloadFile({
        file,
        url: `${hub.endpoint}/${model.id}/resolve/${commit}/${file.path.split('/').map(encodeURIComponent).join('/')}`,
        target: cache.blob(file.hash),
        promisedBy: 'the hub',
        fetch,
        patience: hub.patience,
        progress,
      })
    }
  } finally {
    progress.end()
  }
  for (const file of missing) await linkBlob(cache.blob(file.hash), join(folder, file.path))
}

/** Says so at once where a download could only fill the disk. */
async function expectSpace({ cache, model }: Context, files: readonly RemoteFile[]): Promise<void> {
  const folder = dirname(cache.blob('any'))
  await mkdir(folder, { recursive: true })
  let needed = 0
  for (const file of files) {
    needed += file.size - ((await sizeOf(partOf(cache.blob(file.hash)))) ?? 0)
  }
  const { bavail, bsize } = await statfs(folder)
  if (needed <= bavail * bsize) return
  throw new StartError(
    `${model.id} needs ${size(needed)} more, but ${folder} has ${size(bavail * bsize)} free; free some, or set HF_HOME to a folder on another disk`,
  )
}

/** What the file system says, in words. */
function inWords(error: unknown, { cache }: Hub): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new StartError(
      `the disk of ${cache} is full; free some space and start again to go on, or set HF_HOME to a folder on another disk`,
      { cause: error },
    )
  }
  if (typeof code === 'string' && unwritable.has(code)) {
    return new StartError(
      `${cache} cannot be written (${code}); set HF_HOME to a folder that this user may write`,
      { cause: error },
    )
  }
  return error
}

const unwritable = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'])

/** The library's errors, where they are not ours: an answer that is no JSON. */
function rethrow(hub: Hub) {
  return (error: unknown): never => {
    throw error instanceof StartError ? error : strange(hub, error)
  }
}

const strange = (hub: Hub, cause?: unknown) =>
  new StartError(
    `${new URL(hub.endpoint).host} does not answer like a Hugging Face hub; check HF_ENDPOINT`,
    { cause },
  )
