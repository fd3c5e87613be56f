import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { en as compose } from '../../clients/web/words/compose.ts'
import { en as run } from '../../clients/web/words/run.ts'
import { en as shell } from '../../clients/web/words/shell.ts'
import { type FakeReward, startFakeReward } from '../fakes/fake-reward.ts'
import { type FakeVllm, startFakeVllm } from '../fakes/fake-vllm.ts'
import { type House, startHouse } from '../system/house.ts'
import { openBrowser } from './browser.ts'

export const texts = { ...shell, ...compose, ...run }

interface Parts {
  browser: Browser
  house: House
  policy: FakeVllm
  reward: FakeReward
}

/**
 * For a suite: a house with a fake policy and a fake reward model, and its page in a browser, which
 * is closed after each test. Complaints are what the browser said, and requests that left our server.
 */
export function usePage() {
  let parts: Parts | undefined
  let opened: Page | undefined
  const complaints: string[] = []
  const known = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('the page is not open')
    return value
  }

  beforeAll(async () => {
    const [policy, reward, browser] = await Promise.all([
      startFakeVllm({ maxModelLen: 500_000 }),
      startFakeReward(),
      openBrowser(),
    ])
    const env = { TPO_POLICY_BASE_URL: policy.url, TPO_REWARD_BASE_URL: reward.url }
    parts = { policy, reward, browser, house: await startHouse(env) }
  }, 60_000)
  afterAll(async () => {
    const { browser, house, policy, reward } = known(parts)
    house.command.child.kill('SIGTERM')
    await Promise.all([browser.close(), policy.close(), reward.close(), house.command.exit])
  })
  beforeEach(() => {
    complaints.length = 0
    known(parts).policy.behave({})
    known(parts).reward.behave({})
  })
  afterEach(() => opened?.context().close())

  const page = () => known(opened)
  const button = (name: string) => page().getByRole('button', { name, exact: true })
  return {
    complaints,
    page,
    button,
    policy: () => known(parts).policy,
    reward: () => known(parts).reward,
    url: () => known(parts).house.url,
    async open(options: BrowserContextOptions = {}): Promise<Page> {
      const { browser, house } = known(parts)
      const context = await browser.newContext({
        permissions: ['clipboard-read', 'clipboard-write'],
        reducedMotion: 'reduce',
        ...options,
      })
      opened = await context.newPage()
      opened.on('pageerror', (error) => complaints.push(String(error)))
      opened.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text())
      })
      opened.on('request', (request) => {
        if (!request.url().startsWith(house.url)) complaints.push(`asked for ${request.url()}`)
      })
      await opened.goto(house.url)
      return opened
    },
    /** Asks, and waits for the end. */
    async ask(question: string): Promise<void> {
      await page().getByLabel(texts.question).fill(question)
      await button(texts.improve).click()
      await page().locator('.run-bar.is-done').waitFor()
    },
    best: (title: string = texts.best) => page().getByRole('article', { name: title, exact: true }),
    state: (text: string) =>
      page().locator('.run-state').getByText(text, { exact: true }).waitFor(),
    overflow: () =>
      page().evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      ),
  }
}
