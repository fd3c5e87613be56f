/** The page in real Chromium on the real services with the demo pair: what a person does first. */
import { mkdtempSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { readRunJson } from '../../clients/common/export/json.ts'
import { compose } from '../../clients/web/words/en/compose.ts'
import { library } from '../../clients/web/words/en/library.ts'
import { run } from '../../clients/web/words/en/run.ts'
import { steer } from '../../clients/web/words/en/steer.ts'
import { exampleQuestions } from '../../clients/web/words/examples.ts'
import { compose as composeZh } from '../../clients/web/words/zh/compose.ts'
import { run as runZh } from '../../clients/web/words/zh/run.ts'
import { hasBrowser, openBrowser } from '../web/browser.ts'
import { answers, Command, freePorts, type House, startHouse } from './house.ts'

describe.skipIf(!hasBrowser)('the page with the demo pair', () => {
  let browser: Browser
  let house: House
  let rewardPort: number
  let reward: Command
  let page: Page
  const complaints: string[] = []

  const startReward = async () => {
    const settings = {
      TPO_REWARD_PORT: String(rewardPort),
      TPO_DATA_DIR: mkdtempSync(join(tmpdir(), 'tpo-data-')),
    }
    const service = new Command(process.execPath, ['reward-service/server.ts'], settings)
    const url = `http://127.0.0.1:${rewardPort}`
    await vi.waitUntil(() => answers(url), { timeout: 60_000 })
    return service
  }

  beforeAll(async () => {
    ;[rewardPort = 0] = await freePorts(1)
    ;[browser, reward] = await Promise.all([openBrowser(), startReward()])
    house = await startHouse({ TPO_REWARD_BASE_URL: `http://127.0.0.1:${rewardPort}` })
  })
  afterAll(async () => {
    house.command.child.kill('SIGTERM')
    reward.child.kill('SIGTERM')
    await Promise.all([browser.close(), house.command.exit, reward.exit])
  })

  async function open(locale = 'en-US') {
    const context = await browser.newContext({ locale, reducedMotion: 'reduce' })
    page = await context.newPage()
    page.on('pageerror', (error) => complaints.push(String(error)))
    await page.goto(house.url)
  }
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const state = (text: string) =>
    page.locator('.run-state').getByText(text, { exact: true }).waitFor({ timeout: 120_000 })
  const items = () => page.getByRole('treeitem')

  test('a run, a branch of its own advice, a reload, and the file of it', async () => {
    await open()
    await page.getByLabel(compose.question).fill(exampleQuestions[1])
    await button(compose.improve).click()
    await state(run.done)
    await expect.poll(() => items().count()).toBe(11)

    await items().nth(4).click()
    await page.getByLabel(run.gradient).fill('- Say how glad you would be to see her.')
    await button(steer.toTheEnd).click()
    await state(run.done)
    await expect.poll(() => items().count()).toBe(17)

    await page.reload()
    await state(run.done)
    await expect.poll(() => items().count()).toBe(17)
    const { name, about } = library.exports.json
    await page.locator('summary', { hasText: library.export }).click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      button(`${name} ${about}`).click(),
    ])
    const { record } = readRunJson(await readFile(await download.path(), 'utf8'))
    expect(record?.nodes).toHaveLength(17)
    expect(complaints).toEqual([])
    await page.context().close()
  })

  test('a reward service that is killed in the middle is said so, and the run goes on with the next', async () => {
    await open()
    await page.getByLabel(compose.question).fill(exampleQuestions[2])
    await button(compose.improve).click()
    await page.locator('.lane.is-chosen, .lane .reward').first().waitFor({ timeout: 60_000 })
    reward.child.kill('SIGKILL')
    await reward.exit
    const alert = page.getByRole('alert')
    await alert.getByText('reward_unreachable').waitFor({ timeout: 120_000 })

    reward = await startReward()
    await button(run.tryAgain).click()
    await state(run.done)
    await expect.poll(() => items().count()).toBe(11)
    await expect.poll(() => alert.count()).toBe(0)
    await page.context().close()
  })

  test('cancel keeps what there is, and Chinese is spoken to who reads it', async () => {
    await open('zh-CN')
    await page.getByLabel(composeZh.question).fill(exampleQuestions[0])
    await button(composeZh.improve).click()
    await page.getByRole('article', { name: runZh.bestSoFar }).waitFor({ timeout: 60_000 })
    await button(runZh.cancel).click()
    await state(runZh.cancelled)
    await button(runZh.resume).click()
    await state(runZh.done)
    await expect.poll(() => page.locator('html').getAttribute('lang')).toBe('zh-CN')
    expect(complaints).toEqual([])
    await page.context().close()
  })
})
