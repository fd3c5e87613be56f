import { readFile } from 'node:fs/promises'
import Papa from 'papaparse'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { batch } from '../../clients/web/words/en/batch.ts'
import { batch as zhBatch } from '../../clients/web/words/zh/batch.ts'
import { compose } from '../../clients/web/words/en/compose.ts'
import { run } from '../../clients/web/words/en/run.ts'
import { shell } from '../../clients/web/words/en/shell.ts'
import type { ChatRequest } from '../fakes/fake-vllm.ts'
import { hasBrowser } from './browser.ts'
import { keptIn, openPageHouse, overflow, type PageHouse } from './page-house.ts'

const questions = [
  { id: 'one', query: 'First question?' },
  { id: 'two', system: 'Be brief.', query: 'Second question?' },
  { id: 'three', query: '第三个问题？' },
]
const file = (rows: unknown, name = 'questions.json') => ({
  name,
  mimeType: 'application/json',
  buffer: Buffer.from(typeof rows === 'string' ? rows : JSON.stringify(rows)),
})
const asks = (text: string) => (request: ChatRequest) =>
  request.messages.some(({ content }) => content.includes(text))

describe.skipIf(!hasBrowser)('a batch', () => {
  let house: PageHouse
  let page: Page

  beforeAll(async () => {
    house = await openPageHouse()
  }, 60_000)
  afterAll(() => house.close())
  beforeEach(() => {
    house.complaints.length = 0
    house.policy.behave({})
  })
  afterEach(() => page.context().close())

  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const status = (name: keyof typeof batch.status) =>
    page.locator('.run-state', { hasText: batch.status[name] }).waitFor()
  const row = (id: string) =>
    page.locator('.batch-row', { has: page.getByText(id, { exact: true }) })
  const choose = (rows: unknown, name?: string) =>
    page.locator('input[type=file]').setInputFiles(file(rows, name))
  /** Two answers and no rewriting keep a run short: sample and score. */
  const start = async (count: number, { concurrency = 2, iterations = 0 } = {}) => {
    await page.getByText(compose.settings, { exact: true }).click()
    await page.getByLabel(compose.samples).fill('2')
    await page.getByLabel(compose.iterations).fill(String(iterations))
    await page.getByLabel(batch.concurrency).fill(String(concurrency))
    await button(batch.start(count)).click()
  }
  const downloaded = async (kind: keyof typeof batch.downloads) => {
    const { name, about } = batch.downloads[kind]
    await page.locator('summary', { hasText: batch.download }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      button(`${name} ${about}`).click(),
    ])
    return readFile(await download.path(), 'utf8')
  }
  const lines = (text: string): Record<string, unknown>[] =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))

  test('one failing question is told and stops no other; it is tried again alone', async () => {
    page = await house.open('#/batch')
    house.policy.behave({ status: (request) => (asks('Second')(request) ? 400 : undefined) })
    await choose(questions)
    await page.getByText(batch.found(3, 'questions.json')).waitFor()
    await start(3)
    await status('done')
    await row('two').getByText('policy_refused').waitFor()
    await page.getByText(batch.ofAll(2, 3), { exact: true }).waitFor()

    const results = lines(await downloaded('jsonl'))
    expect(results.map(({ id, status }) => `${String(id)} ${String(status)}`)).toEqual([
      'one done',
      'two failed',
      'three done',
    ])
    expect(results[1]).toMatchObject({ best: null, error: { code: 'policy_refused' } })
    expect(results[2]).toMatchObject({ query: '第三个问题？', stop_reason: 'iterations' })
    const table = Papa.parse<Record<string, string>>((await downloaded('csv')).slice(1).trim(), {
      header: true,
    }).data
    expect(table).toMatchObject([{ id: 'one' }, { id: 'two', answer: '' }, { id: 'three' }])
    expect(lines(await downloaded('preferences'))).toHaveLength(2)

    house.policy.behave({})
    await button(batch.retry(1)).click()
    await status('done')
    await page.getByText(batch.ofAll(3, 3), { exact: true }).waitFor()
    expect(house.policy.requests.map(({ messages }) => messages)).toEqual([
      [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Second question?' },
      ],
    ])
    expect(house.complaints.filter((line) => !line.includes('502'))).toEqual([])
  })

  test('paused, reloaded and resumed, it takes no step twice', async () => {
    page = await house.open('#/batch')
    const hold = Promise.withResolvers<void>()
    house.policy.behave({ held: hold.promise })
    await choose(questions)
    await start(3, { concurrency: 1, iterations: 1 })
    await house.policy.asked()
    await button(batch.pause).click()
    await status('pausing')
    hold.resolve()
    await status('paused')
    await row('one').getByText(batch.leftOff(1, 6)).waitFor()

    await page.reload()
    await status('paused')
    await row('one').getByText(batch.leftOff(1, 6)).waitFor()
    await button(batch.resume).click()
    await status('done')
    await page.getByText(batch.ofAll(3, 3), { exact: true }).waitFor()
    // Sample, loss, gradient and update of each.
    expect(house.policy.requests).toHaveLength(12)

    await page.reload()
    await status('done')
    await row('three').getByRole('button').click()
    await page.locator('.run-state').getByText(run.done, { exact: true }).waitFor()
    await expect.poll(() => page.locator('.lane').count()).toBe(4)
    expect(house.policy.requests).toHaveLength(12)
    expect(house.complaints).toEqual([])
  })

  test('a reload in the middle of a step loses that step alone', async () => {
    page = await house.open('#/batch')
    await choose(questions.slice(0, 1))
    house.policy.behave({
      write: () => {
        house.policy.behave({ midStream: 'hang' })
        return 'A sample.'
      },
    })
    await start(1, { iterations: 1 })
    await row('one')
      .getByText(batch.working(2, 6, 'loss'))
      .waitFor()
    await expect
      .poll(() => keptIn(page, 'answers'))
      .toMatchObject([{ record: { nodes: [{}, {}, {}] } }])
    await page.reload()
    house.policy.behave({})
    await status('paused')
    await button(batch.resume).click()
    await status('done')
    expect(house.policy.requests).toHaveLength(3)
  })

  test('two windows do not work on it at once', async () => {
    page = await house.open('#/batch')
    const hold = Promise.withResolvers<void>()
    house.policy.behave({ held: hold.promise })
    await choose(questions)
    await start(3)
    await house.policy.asked()
    const other = await page.context().newPage()
    await other.goto(page.url())
    await other.getByRole('button', { name: batch.resume, exact: true }).click()
    await other.getByText(batch.elsewhere).waitFor()
    hold.resolve()
    await status('done')
    await other.getByRole('button', { name: batch.resume, exact: true }).click()
    await other.locator('.run-state', { hasText: batch.status.done }).waitFor()
    await other.getByText(batch.ofAll(3, 3), { exact: true }).waitFor()
    expect(house.policy.requests).toHaveLength(3)
  })

  test('what was answered is not asked again; with other settings it is', async () => {
    page = await house.open('#/batch')
    await choose(questions)
    await start(3)
    await status('done')
    expect(house.policy.requests).toHaveLength(3)

    await button(batch.new).click()
    await choose([{ id: 'added', query: 'A new one' }, ...questions], 'more.json')
    await page.getByText(batch.replaces('questions.json')).waitFor()
    await start(4)
    await page.getByText(batch.ofAll(4, 4), { exact: true }).waitFor()
    expect(house.policy.requests).toHaveLength(4)

    await button(batch.new).click()
    await choose(questions, 'again.json')
    await start(3, { iterations: 1 })
    await page.getByText(batch.ofAll(3, 3), { exact: true }).waitFor()
    expect(house.policy.requests).toHaveLength(16)
    await expect.poll(() => keptIn(page, 'answers')).toHaveLength(3)
    expect(house.complaints).toEqual([])
  })

  test('without the API all of it waits, and goes on', async () => {
    page = await house.open('#/batch')
    await page.route('**/v1/**', (route) => route.abort('connectionrefused'))
    await choose(questions)
    await start(3)
    await page.getByRole('alert').getByText(shell.noConnection).waitFor()
    await status('paused')
    await page.getByText(batch.ofAll(0, 3), { exact: true }).waitFor()
    await page.unroute('**/v1/**')
    await button(batch.resume).click()
    await status('done')
    await page.getByText(batch.ofAll(3, 3), { exact: true }).waitFor()
    await expect.poll(() => page.getByRole('alert').count()).toBe(0)
  })

  test('a file with faults says which, and the rest of it can be asked', async () => {
    page = await house.open('#/batch')
    await choose('id,query,topic\n1,Why?,a\n1,Again?,b\n2,,c\n', 'questions.csv')
    const alert = page.getByRole('alert')
    await alert.getByText('line 3: the id 1 was used in line 2 already').waitFor()
    await alert.getByText('line 4: there is no question').waitFor()
    await page.getByText(batch.unread('topic')).waitFor()
    await start(1)
    await status('done')
    expect(house.policy.requests).toHaveLength(1)
  })

  test('a phone shows it without scrolling sideways, in Chinese too', async () => {
    const phone = { viewport: { width: 320, height: 640 }, isMobile: true, locale: 'zh-CN' }
    page = await house.open('#/batch', phone)
    await page.getByText(zhBatch.drop).waitFor()
    expect(await overflow(page)).toBe(0)
    const long = 'Unbreakable'.repeat(20)
    await choose([{ id: long, query: long }, { id: long }], `${long}.json`)
    await page.getByText(zhBatch.wrong(1)).waitFor()
    expect(await overflow(page)).toBe(0)
    house.policy.behave({ status: 400, message: long })
    await button(zhBatch.start(1)).click()
    await page.getByText('policy_refused').waitFor()
    await page.locator('summary', { hasText: zhBatch.download }).click()
    expect(await overflow(page)).toBe(0)
  })
})
