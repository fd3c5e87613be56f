import { randomBytes, randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Settings } from '../shared/settings.ts'
import { StartError } from './entry.ts'

/**
 * The configured cursor keys, or one that is made once and kept (mode 0600) in the data folder,
 * so that a restart does not end the runs of before. Throws a `StartError` where the file cannot
 * be read or written, or holds no key: a new one in its place would end those runs unasked.
 */
export function cursorKeys(settings: Settings): readonly string[] {
  if (settings.cursor_keys.length > 0) return settings.cursor_keys
  const file = join(settings.data_dir, 'cursor-key')
  let key: string
  try {
    key = read(file) ?? make(file)
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : 'failed'
    throw new StartError(
      `the cursor key cannot be kept in ${file} (${reason}); let this user write there, choose another folder with --data-dir, or set TPO_CURSOR_KEYS`,
      { cause },
    )
  }
  if (/^[\w-]{43}$/.test(key)) return [key]
  throw new StartError(
    `${file} is damaged: it should hold the 43 characters of a cursor key; put it back, or delete it, which ends the runs of before`,
  )
}

/** Nothing where there is no such file. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (isError(error, 'ENOENT')) return undefined
    throw error
  }
}

function make(file: string): string {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomUUID()}`
  // Written through, so that a crash of the machine leaves no file without its content.
  writeFileSync(draft, randomBytes(32).toString('base64url'), { mode: 0o600, flush: true })
  try {
    // A link never replaces: of two processes that start at once, the second reads the first's key.
    linkSync(draft, file)
  } catch (error) {
    if (!isError(error, 'EEXIST')) throw error
  } finally {
    unlinkSync(draft)
  }
  return readFileSync(file, 'utf8').trim()
}

const isError = (error: unknown, code: string) =>
  error instanceof Error && 'code' in error && error.code === code
