/** The page on the real API, in front of a fake policy and a fake reward model, in real Chromium. */
import type { BrowserContextOptions, Page } from 'playwright-core'
import { type FakeReward, startFakeReward } from '../fakes/fake-reward.ts'
import { type FakeVllm, startFakeVllm } from '../fakes/fake-vllm.ts'
import { startHouse } from '../system/house.ts'
import { openBrowser } from './browser.ts'

export interface PageHouse {
  readonly url: string
  readonly policy: FakeVllm
  readonly reward: FakeReward
  /** What browsers complained about, and which requests left our server; empty where all is well. */
  readonly complaints: string[]
  /** A new browser profile at an address of the page, such as `#/history`. */
  open: (address?: string, options?: BrowserContextOptions) => Promise<Page>
  close: () => Promise<void>
}

export async function openPageHouse(): Promise<PageHouse> {
  const [policy, reward, browser] = await Promise.all([
    startFakeVllm({ maxModelLen: 500_000 }),
    startFakeReward(),
    openBrowser(),
  ])
  const { url, command } = await startHouse({
    TPO_POLICY_BASE_URL: policy.url,
    TPO_REWARD_BASE_URL: reward.url,
  })
  const complaints: string[] = []
  return {
    url,
    policy,
    reward,
    complaints,
    async open(address = '', options = {}) {
      const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
      const page = await context.newPage()
      page.on('pageerror', (error) => complaints.push(String(error)))
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text())
      })
      page.on('request', (request) => {
        if (!/^(blob:|data:)/.test(request.url()) && !request.url().startsWith(url)) {
          complaints.push(`asked for ${request.url()}`)
        }
      })
      await page.goto(`${url}/${address}`)
      return page
    },
    async close() {
      command.child.kill('SIGTERM')
      await Promise.all([browser.close(), policy.close(), reward.close(), command.exit])
    },
  }
}

/** How far a page can be scrolled sideways, in pixels. */
export const overflow = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

/** Every value of a store in the page's database. */
export const keptIn = (page: Page, store: string): Promise<unknown[]> =>
  page.evaluate(
    (name) =>
      new Promise<unknown[]>((resolve, reject) => {
        const opening = indexedDB.open('tpo')
        opening.addEventListener('error', () => reject(new Error('the database does not open')))
        opening.addEventListener('success', () => {
          const reading = opening.result.transaction(name).objectStore(name).getAll()
          reading.addEventListener('success', () => {
            opening.result.close()
            resolve(reading.result)
          })
        })
      }),
    store,
  )
