/** The cache that all Hugging Face tools of a machine share: blobs, and revisions that link to them. */
import { link, mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { getRepoFolderName } from '@huggingface/hub'
import { StartError } from '../entry.ts'
import type { HubModel } from './id.ts'
import { smallFiles, weightFiles, weightNames } from './needed.ts'

export interface ModelCache {
  /** Where the commit's files are. */
  snapshot: (commit: string) => string
  blob: (hash: string) => string
  /** The file a branch's or a tag's commit is noted in. */
  ref: (revision: string) => string
  /** The lock of downloads into it. */
  lock: string
}

export function modelCache(cache: string, { id }: HubModel): ModelCache {
  const name = getRepoFolderName({ name: id, type: 'model' })
  const folder = join(cache, name)
  return {
    snapshot: (commit) => join(folder, 'snapshots', commit),
    blob: (hash) => join(folder, 'blobs', hash),
    ref: (revision) => join(folder, 'refs', revision),
    lock: join(cache, '.locks', name, 'tpo-edge.lock'),
  }
}

export const isCommit = (revision: string) => /^[\da-f]{40}$/.test(revision)

/** Size of a file, links followed; undefined where there is none. */
export const sizeOf = (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ size }) => size,
    () => undefined,
  )

/** Those of the names that the folder lacks. */
export async function missingFrom(folder: string, names: readonly string[]): Promise<string[]> {
  const sizes = await Promise.all(names.map((name) => sizeOf(join(folder, name))))
  return names.filter((_, index) => sizes[index] === undefined)
}

/** Shows a blob under its file name in a snapshot. */
export async function linkBlob(blob: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await rm(path, { force: true })
  try {
    // Relative, so that the cache can be moved.
    await symlink(relative(dirname(path), blob), path)
  } catch (error) {
    // Windows allows symbolic links to administrators and developers only.
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) throw error
    await link(blob, path)
  }
}

export async function writeRef(file: string, commit: string): Promise<void> {
  if ((await readRef(file)) === commit) return
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, commit)
}

const readRef = (file: string) =>
  readFile(file, 'utf8').then(
    (text) => text.trim(),
    () => undefined,
  )

/**
 * The snapshot of a model as an earlier start left it, nothing asked of the hub. Throws a
 * `StartError` that names what the cache lacks.
 */
export async function cachedSnapshot(cache: ModelCache, model: HubModel): Promise<string> {
  const { id, revision } = model
  const commit = isCommit(revision) ? revision : await readRef(cache.ref(revision))
  if (commit === undefined || !isCommit(commit)) {
    throw new StartError(`the cache has no revision ${revision} of ${id}`)
  }
  const folder = cache.snapshot(commit)
  const absent = await missingFrom(folder, weightNames)
  const present = weightNames.filter((name) => !absent.includes(name))
  const missing = [
    ...(await missingFrom(folder, [smallFiles.config, smallFiles.tokenizer])),
    ...(await missingFrom(folder, await weightFiles(folder, present))),
  ]
  if (missing.length === 0) return folder
  throw new StartError(`the cache lacks ${missing.join(', ')} of ${id} (${folder})`)
}
