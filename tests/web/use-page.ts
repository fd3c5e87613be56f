import type { BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { compose } from '../../clients/web/words/en/compose.ts'
import { run } from '../../clients/web/words/en/run.ts'
import { shell } from '../../clients/web/words/en/shell.ts'
import { openPageHouse, overflow, type PageHouse } from './page-house.ts'

export const texts = { ...shell, ...compose, ...run }

/** For a suite: a house and its page, which is closed after each test. */
export function usePage() {
  let house: PageHouse | undefined
  let opened: Page | undefined
  const known = <T>(value: T | undefined): T => {
    if (value === undefined) throw new Error('the page is not open')
    return value
  }

  beforeAll(async () => {
    house = await openPageHouse()
  }, 60_000)
  afterAll(() => house?.close())
  beforeEach(() => {
    const { complaints, policy, reward } = known(house)
    complaints.length = 0
    policy.behave({})
    reward.behave({})
  })
  afterEach(() => opened?.context().close())

  const page = () => known(opened)
  const button = (name: string) => page().getByRole('button', { name, exact: true })
  return {
    complaints: () => known(house).complaints,
    page,
    button,
    policy: () => known(house).policy,
    reward: () => known(house).reward,
    url: () => known(house).url,
    async open(options: BrowserContextOptions = {}): Promise<Page> {
      const permissions = ['clipboard-read', 'clipboard-write']
      opened = await known(house).open('', { permissions, ...options })
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
    overflow: () => overflow(page()),
  }
}
