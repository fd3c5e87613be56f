import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { cursorKeys } from '../../host/data-folder.ts'
import { resolveSettings } from '../../shared/settings.ts'

const folder = () => mkdtempSync(join(tmpdir(), 'tpo-data-'))
const settingsOf = (data_dir: string) => ({ ...resolveSettings({}), data_dir })

test('the cursor key is made once, for its owner only, and kept', () => {
  const data_dir = join(folder(), 'nested')
  const settings = settingsOf(data_dir)
  const [key] = cursorKeys(settings)
  expect(cursorKeys(settings)).toEqual([key])
  expect(Buffer.from(key ?? '', 'base64url')).toHaveLength(32)
  expect(statSync(join(data_dir, 'cursor-key')).mode & 0o777).toBe(0o600)
  expect(readFileSync(join(data_dir, 'cursor-key'), 'utf8')).toBe(key)
  expect(cursorKeys({ ...settings, cursor_keys: ['given'] })).toEqual(['given'])
})

test('of processes that start at once, all have the same key', async () => {
  const data_dir = folder()
  const script = `
    const { cursorKeys } = await import(${JSON.stringify(resolve('host/data-folder.ts'))})
    console.log(cursorKeys({ cursor_keys: [], data_dir: ${JSON.stringify(data_dir)} })[0])`
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
  const printed = await Promise.all(Array.from({ length: 6 }, run))
  const keys = new Set(printed.map(({ stdout }) => stdout.trim()))
  expect([...keys]).toEqual(cursorKeys(settingsOf(data_dir)))
  expect(readdirSync(data_dir)).toEqual(['cursor-key'])
})

test.each(['', 'short', 'A'.repeat(44), '\0'.repeat(43)])(
  'a damaged file (%j) is named and left as it is',
  (content) => {
    const data_dir = folder()
    writeFileSync(join(data_dir, 'cursor-key'), content)
    expect(() => cursorKeys(settingsOf(data_dir))).toThrow(
      expect.objectContaining({ name: 'StartError', message: expect.stringMatching(/damaged/) }),
    )
    expect(readFileSync(join(data_dir, 'cursor-key'), 'utf8')).toBe(content)
  },
)

test('what cannot be read or written is named, with the ways out', () => {
  const unreadable = folder()
  mkdirSync(join(unreadable, 'cursor-key'))
  const file = join(folder(), 'file')
  writeFileSync(file, '')
  for (const [data_dir, code] of [
    [unreadable, 'EISDIR'],
    [file, 'ENOTDIR'],
  ] as const) {
    expect(() => cursorKeys(settingsOf(data_dir))).toThrow(
      expect.objectContaining({
        name: 'StartError',
        message: expect.stringMatching(`${code}.*--data-dir.*TPO_CURSOR_KEYS`),
      }),
    )
  }
})
