import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { buildPage } from '../../host/page.ts'

const dist = 'clients/web/dist'

beforeAll(() => buildPage(), 60_000)

const read = (file: string) => readFileSync(join(dist, 'assets', file), 'utf8')
const bytesOf = (files: Iterable<string>) =>
  [...files].reduce((sum, file) => sum + gzipSync(read(file)).length, 0)

/** A script and all that it needs before it can run. */
function neededBy(script: string, known = new Set<string>()): Set<string> {
  if (known.has(script)) return known
  known.add(script)
  for (const [, file = ''] of read(script).matchAll(/(?:from|import)"\.\/([\w.-]+\.js)"/g)) {
    neededBy(file, known)
  }
  return known
}

test('the page is there with at most 90 KB of JavaScript, gzipped; no tab brings more than 15', () => {
  const html = readFileSync(join(dist, 'index.html'), 'utf8')
  const [, entry = ''] = /src="\.\/assets\/([\w.-]+\.js)"/.exec(html) ?? []
  const first = neededBy(entry)
  expect(bytesOf(first)).toBeLessThan(90_000)
  const later = readdirSync(join(dist, 'assets'))
    .filter((file) => file.endsWith('.js') && !first.has(file))
    .map((file) => [...neededBy(file)].filter((one) => !first.has(one)))
  expect(later).not.toEqual([])
  for (const files of later) expect(bytesOf(files)).toBeLessThan(15_000)
})

test('the page has no inline script or style', () => {
  const html = readFileSync(join(dist, 'index.html'), 'utf8')
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/)
})
