import { readFile } from 'node:fs/promises'
import Papa from 'papaparse'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readRunJson } from '../../clients/common/export/json.ts'
import { RunRecord } from '../../clients/common/record.ts'
import { library } from '../../clients/web/words/en/library.ts'
import { compose } from '../../clients/web/words/en/compose.ts'
import { compose as zhCompose } from '../../clients/web/words/zh/compose.ts'
import { library as zhLibrary } from '../../clients/web/words/zh/library.ts'
import { run } from '../../clients/web/words/en/run.ts'
import { shell } from '../../clients/web/words/en/shell.ts'
import { usualReward } from '../fakes/fake-reward.ts'
import { hasBrowser } from './browser.ts'
import { keptIn, openPageHouse, overflow, type PageHouse } from './page-house.ts'

describe.skipIf(!hasBrowser)('what the page keeps', () => {
  let house: PageHouse
  let page: Page

  beforeAll(async () => {
    house = await openPageHouse()
  }, 60_000)
  afterAll(() => house.close())
  beforeEach(() => {
    house.complaints.length = 0
    house.policy.behave({})
    house.reward.behave({
      reward: (text) => usualReward(text) + (text.startsWith('Improved') ? 8 : 0),
    })
  })
  afterEach(() => page.context().close())

  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const tab = (name: string) => page.getByRole('link', { name, exact: true })
  const state = (text: string) =>
    page.locator('.run-state').getByText(text, { exact: true }).waitFor()
  const best = () => page.getByRole('article', { name: run.best, exact: true }).locator('.answer')
  const entries = () => page.locator('.entry')
  const ask = async (question: string) => {
    await page.getByLabel(compose.question).fill(question)
    await button(compose.improve).click()
    await state(run.done)
  }
  const exported = async (kind: keyof typeof library.exports) => {
    const { name, about } = library.exports[kind]
    await page.locator('summary', { hasText: library.export }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      button(`${name} ${about}`).click(),
    ])
    return {
      name: download.suggestedFilename(),
      text: await readFile(await download.path(), 'utf8'),
    }
  }
  const file = (text: string) => ({
    name: 'run.json',
    mimeType: 'application/json',
    buffer: Buffer.from(text),
  })
  const records = async () => (await keptIn(page, 'runs')).map((record) => RunRecord.parse(record))
  const modelCalls = () => {
    let count = 0
    page.on('request', (request) => {
      // An estimate calls no model, and comes a moment after the question, be the run over or not.
      const { pathname } = new URL(request.url())
      if (pathname.startsWith('/v1/tpo/') && pathname !== '/v1/tpo/estimate') count += 1
    })
    return () => count
  }

  test('a run is exported, deleted and opened again from its file', async () => {
    page = await house.open()
    await ask('Why are "quotes", commas\nand lines hard?')
    const answer = await best().textContent()
    await expect.poll(async () => (await records())[0]?.nodes.length).toBe(11)
    const [record] = await records()

    const json = await exported('json')
    expect(json.name).toMatch(/^tpo-run-\d{4}-\d\d-\d\d-.*\.json$/)
    expect(readRunJson(json.text).record).toEqual(record)
    const markdown = await exported('markdown')
    expect(markdown.text).toContain('> and lines hard?')
    expect(markdown.text).toContain(`> ${answer}`)
    const csv = await exported('csv')
    expect(Papa.parse(csv.text.trim(), { header: true }).data).toHaveLength(15)
    const pairs = await exported('preferences')
    expect(JSON.parse(pairs.text.trim().split('\n').at(-1) ?? '')).toMatchObject({
      prompt: [{ role: 'user', content: 'Why are "quotes", commas\nand lines hard?' }],
      chosen: [{ role: 'assistant', content: answer }],
    })

    await tab(shell.tabs.history).click()
    await entries().getByText('Why are "quotes"').waitFor()
    await page.getByRole('button', { name: /^Delete/ }).click()
    await page.getByText(library.none).waitFor()
    await button(library.undo).click()
    await entries().getByText('Why are "quotes"').waitFor()
    await page.getByRole('button', { name: /^Delete/ }).click()
    await page.getByText(library.none).waitFor()
    await expect.poll(records).toEqual([])

    const asked = modelCalls()
    await page.getByLabel(library.import).setInputFiles(file(json.text))
    await state(run.done)
    await expect.poll(() => best().textContent()).toBe(answer)
    await expect.poll(() => page.locator('.lane').count()).toBe(15)
    expect(asked()).toBe(0)
    await expect.poll(records).toEqual([record])
    expect(house.complaints).toEqual([])
  })

  test('history lists the newest first and is searched in questions and answers', async () => {
    page = await house.open()
    await ask('Older one')
    const older = page.url()
    const answer = (await best().textContent()) ?? ''
    await tab(shell.name).click()
    await ask('Newer one')
    expect(page.url()).not.toBe(older)
    await tab(shell.tabs.history).click()
    await entries().nth(1).waitFor()
    const questions = () => entries().locator('.entry-question').allTextContents()
    await expect.poll(() => questions()).toEqual(['Newer one', 'Older one'])
    const search = page.getByLabel(library.search)
    await search.fill('one OLDER')
    await expect.poll(() => questions()).toEqual(['Older one'])
    await search.fill(answer)
    await expect.poll(() => questions()).toEqual(['Older one'])
    await search.fill('nowhere')
    await page.getByText(library.noMatch).waitFor()
    await search.fill('older')
    await entries().getByRole('link').click()
    await best().getByText(answer, { exact: true }).waitFor()
    expect(page.url()).toBe(older)
    await page.goBack()
    await entries().nth(1).waitFor()
    expect(house.complaints).toEqual([])
  })

  test('a reload in the middle of a run finds it, and goes on from its last cursor', async () => {
    page = await house.open()
    house.policy.behave({
      write: (_, index) => {
        house.policy.behave({ midStream: 'hang' })
        return `Sample ${index}.`
      },
    })
    await page.getByLabel(compose.question).fill('Why?')
    await button(compose.improve).click()
    await page.locator('.criticism .is-writing', { hasText: 'Text' }).waitFor()
    await expect.poll(async () => (await records())[0]?.nodes.length).toBe(3)
    await page.reload()
    await state(run.open)
    await expect.poll(() => page.locator('.lane').allTextContents()).toHaveLength(5)
    await page.locator('.lane', { hasText: 'Sample 4.' }).waitFor()

    house.policy.behave({})
    await button(run.resume).click()
    await state(run.done)
    // Of the first answers none was drawn again: twice loss, gradient and update.
    expect(house.policy.requests).toHaveLength(6)
    await expect.poll(() => page.locator('.lane').count()).toBe(15)
    await expect.poll(async () => (await records())[0]?.nodes.length).toBe(11)
    await expect.poll(() => records()).toHaveLength(1)
    expect(house.complaints).toEqual([])
  })

  test.each(['refused', 'full'] as const)('a browser that is %s breaks no run', async (trouble) => {
    page = await house.open('#/history')
    await page.getByText(library.none).waitFor()
    await page.evaluate((kind) => {
      IDBObjectStore.prototype.put = () => {
        const name = kind === 'full' ? 'QuotaExceededError' : 'InvalidStateError'
        throw new DOMException('as the test wants it', name)
      }
    }, trouble)
    await tab(shell.tabs.optimize).click()
    await ask('Why?')
    await page.getByText(library.notKept[trouble]).waitFor()
    const json = await exported('json')
    expect(readRunJson(json.text).record?.nodes).toHaveLength(11)
    await tab(shell.tabs.history).click()
    await entries().getByRole('link').click()
    await state(run.done)
  })

  test('a page without any storage is a page', async () => {
    page = await house.open('#/batch')
    await page.addInitScript(() => {
      Object.defineProperty(window, 'indexedDB', { get: () => undefined })
    })
    await page.reload()
    await page.locator('.drop').waitFor()
    await tab(shell.tabs.history).click()
    await page.getByText(library.none).waitFor()
    await tab(shell.tabs.optimize).click()
    await ask('Why?')
    await page.getByText(library.notKept.refused).waitFor()
    expect(house.complaints).toEqual([])
  })

  test('a file that is no run, and a run that is not here, are said so', async () => {
    page = await house.open('#/history')
    await page
      .getByLabel(library.import)
      .setInputFiles(file('{"format": "tpo-run",\n"version": 9}'))
    await page.getByRole('alert').getByText('of version 9, newer').waitFor()
    const dropped = await page.evaluateHandle(() => {
      const files = new DataTransfer()
      files.items.add(new File(['[1,\n oops]'], 'x.json'))
      return files
    })
    await page.dispatchEvent('.history', 'drop', { dataTransfer: dropped })
    await page.getByRole('alert').getByText('line 2, column 2').waitFor()
    await page.goto(`${house.url}/#/run/nobody`)
    await page.getByText(library.missing).waitFor()
    expect(house.complaints).toEqual([])
  })

  test('the same run from a file twice is one, and another of its id does not overwrite it', async () => {
    page = await house.open()
    await ask('Why?')
    const json = await exported('json')
    await tab(shell.tabs.history).click()
    await page.getByLabel(library.import).setInputFiles(file(json.text))
    await state(run.done)
    await tab(shell.tabs.history).click()
    const shorter = RunRecord.parse(JSON.parse(json.text))
    shorter.nodes.pop()
    await page.getByLabel(library.import).setInputFiles(file(JSON.stringify(shorter)))
    await state(run.open)
    await expect
      .poll(async () => (await records()).map(({ nodes }) => nodes.length).toSorted())
      .toEqual([10, 11])
  })

  test('a replay shows step after step, by hand where motion is not wanted', async () => {
    page = await house.open()
    await ask('Why?')
    const asked = modelCalls()
    await button(library.replay).click()
    const bar = page.getByRole('region', { name: library.replayBar })
    await bar.getByText(library.position(0, 10, null, 0), { exact: true }).waitFor()
    await expect.poll(() => page.locator('.lane').count()).toBe(0)
    await bar.getByRole('slider').focus()
    await page.keyboard.press('ArrowRight')
    await bar.getByText(library.position(1, 10, 'sample', 0), { exact: true }).waitFor()
    await expect.poll(() => page.locator('.lane').count()).toBe(5)
    await page.keyboard.press('End')
    await state(run.done)
    await button(library.end).click()
    await button(library.replay).waitFor()
    expect(asked()).toBe(0)
    expect(house.complaints).toEqual([])
  })

  test('a replay plays at its pace, and pauses', async () => {
    page = await house.open('', { reducedMotion: 'no-preference' })
    await ask('Why?')
    const asked = modelCalls()
    await page.clock.install()
    await button(library.replay).click()
    const bar = page.getByRole('region', { name: library.replayBar })
    const at = (text: string) => bar.getByText(text, { exact: true }).waitFor()
    await at(library.position(0, 10, null, 0))
    await page.clock.runFor(2500)
    await at(library.position(1, 10, 'sample', 0))
    await button(library.pause).click()
    await page.clock.runFor(10_000)
    await at(library.position(1, 10, 'sample', 0))
    await button(library.play).click()
    for (let step = 0; step < 9; step++) await page.clock.runFor(2500)
    await at(library.position(10, 10, 'score', 2))
    await page.clock.runFor(2500)
    await button(library.play).waitFor()
    expect(asked()).toBe(0)
  })

  test('a phone shows it without scrolling sideways, in Chinese too', async () => {
    const phone = { viewport: { width: 320, height: 640 }, isMobile: true, locale: 'zh-CN' }
    page = await house.open('', phone)
    await page.getByLabel(zhCompose.question).fill('很长'.repeat(80) + 'Unbreakable'.repeat(20))
    await button(zhCompose.improve).click()
    await page.locator('.run-bar.is-done').waitFor()
    await page.locator('summary', { hasText: zhLibrary.export }).click()
    expect(await overflow(page)).toBe(0)
    await button(zhLibrary.replay).click()
    expect(await overflow(page)).toBe(0)
    await page.goto(`${house.url}/#/history`)
    await page.getByRole('button', { name: /^删除/ }).click()
    await button(zhLibrary.undo).waitFor()
    expect(await overflow(page)).toBe(0)
    expect(house.complaints).toEqual([])
  })
})
