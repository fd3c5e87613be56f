import { randomBytes, randomUUID } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../shared/settings.ts'

/**
 * The configured cursor keys, or one that is made once and kept (mode 0600) in the data folder,
 * so that a restart does not end the runs of before.
 */
export function cursorKeys(settings: Settings): readonly string[] {
  if (settings.cursor_keys.length > 0) return settings.cursor_keys
  const file = join(settings.data_dir, 'cursor-key')
  mkdirSync(settings.data_dir, { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomUUID()}`
  writeFileSync(draft, randomBytes(32).toString('base64url'), { mode: 0o600 })
  try {
    // A link never replaces: of two processes that start at once, the second reads the first's key.
    linkSync(draft, file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    unlinkSync(draft)
  }
  return [readFileSync(file, 'utf8').trim()]
}
