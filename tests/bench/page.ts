/** How smoothly the page shows 20 answers of 2,000 tokens that are written side by side. */
import type { Browser, Page } from 'playwright-core'
import { z } from 'zod'
import { compose } from '../../clients/web/words/en/compose.ts'
import { startFakeReward } from '../fakes/fake-reward.ts'
import { startFakeVllm } from '../fakes/fake-vllm.ts'
import { startHouse } from '../system/house.ts'
import { openBrowser } from '../web/browser.ts'

const lanes = 20
const tokens = 2000
const longMs = 50

/** Deltas a second of each answer; undefined is as fast as they come. */
const paces = { '50 tokens/s': 50, '200 tokens/s': 200, 'as fast as they come': undefined }

/** About 2,000 deltas of four characters, with what Markdown has. */
function longAnswer(index: number): string {
  const part = (at: number) =>
    `## Part ${at} of answer ${index}\n\nA paragraph with **strong**, *emphasised* and \`code\` words, ` +
    `and a [link](https://example.com/${at}).\n\n- one point, which goes on a little\n- another\n- and a third\n\n` +
    `\`\`\`js\nconst answer = ${at}\n\`\`\`\n\nSome more words that fill a line or two of a narrow card, as answers do.\n\n`
  return Array.from({ length: 60 }, (_, at) => part(at))
    .join('')
    .slice(0, tokens * 4)
}

export async function page() {
  const [policy, reward, browser] = await Promise.all([
    startFakeVllm({ maxModelLen: 100_000 }),
    startFakeReward(),
    openBrowser(),
  ])
  const house = await startHouse({
    TPO_POLICY_BASE_URL: policy.url,
    TPO_REWARD_BASE_URL: reward.url,
  })
  try {
    const results: Record<string, object> = {}
    for (const [name, pace] of Object.entries(paces)) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
      const opened = await context.newPage()
      await opened.goto(house.url)
      policy.behave({ write: (_, index) => longAnswer(index), pace })
      results[name] = { ...(await firstPaint(opened)), ...(await measured(browser, opened)) }
      await context.close()
    }
    return { lanes, tokens, results }
  } finally {
    house.command.child.kill('SIGTERM')
    await Promise.all([browser.close(), policy.close(), reward.close(), house.command.exit])
  }
}

async function firstPaint(page: Page) {
  const painted = await page.waitForFunction(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
  )
  return { first_paint_ms: Math.round((await painted.jsonValue()) ?? Number.NaN) }
}

async function measured(browser: Browser, page: Page) {
  await page.getByText(compose.settings, { exact: true }).click()
  await page.getByLabel(compose.modes.bon.name).check()
  await page.getByLabel(compose.samples, { exact: true }).fill(String(lanes))
  await page.getByLabel(compose.question).fill('Write a long answer.')
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] })
  await page.evaluate(() => {
    const seen = { tasks: [] as number[], frames: 0 }
    Object.assign(globalThis, { seen })
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.tasks.push(duration)
    }).observe({ type: 'longtask' })
    const frame = () => {
      seen.frames += 1
      requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })
  const since = performance.now()
  await page.getByRole('button', { name: compose.improve, exact: true }).click()
  await page.locator('.run-bar.is-done').waitFor({ timeout: 180_000 })
  const seconds = (performance.now() - since) / 1000
  const seen = await page.evaluate(() => Reflect.get(globalThis, 'seen') as unknown)
  const { tasks, frames } = z.object({ tasks: z.array(z.number()), frames: z.number() }).parse(seen)
  const processor = processorTasks(await browser.stopTracing())
  return {
    seconds: Math.round(seconds * 10) / 10,
    frames_per_second: Math.round((frames / seconds) * 10) / 10,
    long_tasks: { count: tasks.length, longest_ms: Math.round(Math.max(0, ...tasks)) },
    // What the page itself needs, whoever else has the cores.
    long_tasks_by_processor_time: {
      count: processor.filter((ms) => ms > longMs).length,
      longest_ms: Math.round(Math.max(...processor)),
    },
    processor_seconds: Math.round(processor.reduce((sum, ms) => sum + ms, 0) / 100) / 10,
  }
}

const Trace = z.object({
  traceEvents: z.array(
    z.object({
      name: z.string(),
      pid: z.number(),
      tid: z.number(),
      tdur: z.number().optional(),
      args: z.object({ name: z.unknown() }).partial().optional(),
    }),
  ),
})

/** Milliseconds of processor time of every task of the page's main thread. */
function processorTasks(trace: Buffer): number[] {
  const { traceEvents } = Trace.parse(JSON.parse(trace.toString()))
  const threadOf = (event: { pid: number; tid: number }) => `${event.pid} ${event.tid}`
  const main = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(threadOf),
  )
  return traceEvents.flatMap((event) =>
    event.name.endsWith('RunTask') && event.tdur !== undefined && main.has(threadOf(event))
      ? [event.tdur / 1000]
      : [],
  )
}
