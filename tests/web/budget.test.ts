import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, expect, test } from 'vitest'
import { buildPage } from '../../host/page.ts'

const dist = 'clients/web/dist'

beforeAll(() => buildPage(), 60_000)

test('the page loads at most 90 KB of JavaScript, gzipped', () => {
  const scripts = readdirSync(join(dist, 'assets')).filter((file) => file.endsWith('.js'))
  const bytes = scripts.map((file) => gzipSync(readFileSync(join(dist, 'assets', file))).length)
  expect(scripts).not.toEqual([])
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(90_000)
})

test('the page has no inline script or style', () => {
  const html = readFileSync(join(dist, 'index.html'), 'utf8')
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/)
})
