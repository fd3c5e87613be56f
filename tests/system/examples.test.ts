/** The two examples of docs/examples drive, fork and steer a run of the real house. */
import { execFile, execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hasBrowser, openBrowser } from '../web/browser.ts'
import { freePorts, type House, root, startHouse } from './house.ts'

const hasPython = (() => {
  try {
    execFileSync('python3', ['--version'])
    return true
  } catch {
    console.warn('docs/examples/drive.py is not tested: there is no python3.')
    return false
  }
})()

let house: House
let origin: string
const page = createServer((_, answer) => {
  answer.setHeader('content-type', 'text/html')
  answer.end(readFileSync(join(root, 'docs/examples/page.html')))
})

beforeAll(async () => {
  const [port] = await freePorts(1)
  origin = `http://localhost:${port}`
  await new Promise<void>((listening) => page.listen(port, '127.0.0.1', listening))
  house = await startHouse({ TPO_ALLOWED_ORIGINS: origin })
})
afterAll(async () => {
  page.close()
  house.command.child.kill('SIGTERM')
  await house.command.exit
})

test.each(['drive.py', 'page.html'])(
  '%s is short, and asks for what the document tells of',
  async (name) => {
    const text = readFileSync(join(root, 'docs/examples', name), 'utf8')
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(60)
    const document = await (await fetch(`${house.url}/openapi.json`)).json()
    const asked = [...text.matchAll(/['"](\/v1\/[\w/]+)['"]/g)].map(([, path = '']) => path)
    expect(new Set(asked)).toEqual(new Set(['/v1/tpo/start', '/v1/tpo/step']))
    expect(Object.keys(document.paths)).toEqual(expect.arrayContaining(asked))
  },
)

test.skipIf(!hasPython)('the Python script goes back and takes an edited branch', async () => {
  const script = join(root, 'docs/examples/drive.py')
  const { stdout } = await promisify(execFile)('python3', [script], {
    env: { ...process.env, TPO_API: house.url },
  })
  expect(stdout).toMatch(/As the critic advises:[^]*gradient 1[^]*score 1: best/)
  expect(stdout).toMatch(/As you advise:\n {2}score 1: best -?\d/)
})

test.skipIf(!hasBrowser)('the page goes back and takes an edited branch', async () => {
  const browser = await openBrowser()
  try {
    const tab = await browser.newPage()
    await tab.goto(origin)
    await tab.getByLabel('API').fill(house.url)
    await tab.getByRole('button', { name: 'Start' }).click()
    const steps = tab.getByRole('listitem')
    for (const count of [1, 2, 3, 4]) {
      await expect.poll(() => steps.count(), { timeout: 30_000 }).toBe(count)
      await tab.getByRole('button', { name: 'Next step' }).click()
    }
    await expect.poll(() => steps.last().textContent(), { timeout: 30_000 }).toBe('gradient 1')
    await tab.getByRole('textbox', { name: /critic/ }).fill('Mention that they were tulips.')
    await tab.getByRole('button', { name: 'Next step' }).click()
    await expect
      .poll(() => steps.last().textContent(), { timeout: 30_000 })
      .toBe('update 1 (edited)')
    await steps.nth(4).click()
    await tab.getByRole('button', { name: 'Next step' }).click()
    await expect.poll(() => steps.last().textContent(), { timeout: 30_000 }).toBe('update 1')
    await expect.poll(() => tab.getByRole('alert').textContent()).toBe('')
    await tab.getByLabel('API').fill('http://127.0.0.1:9')
    await tab.getByRole('button', { name: 'Next step' }).click()
    await expect.poll(() => tab.getByRole('alert').textContent()).not.toBe('')
  } finally {
    await browser.close()
  }
})
