import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { AxeResults } from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Evaluation } from '../../clients/cli/evaluation/evaluation.ts'
import { reportHtml } from '../../clients/cli/html-report/report-html.ts'
import { style } from '../../clients/cli/html-report/style.ts'
import { hasBrowser, openBrowser } from '../web/browser.ts'
import { overflow } from '../web/page-house.ts'
import { madeUpEvaluation } from './made-up-evaluation.ts'

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const phone = { width: 360, height: 740 }
const failed = [{ id: 'q003 tpo', detail: 'upstream_error: the policy does not answer' }]

const kinds: Record<string, () => Evaluation> = {
  'a whole comparison': () => ({ ...madeUpEvaluation({ questions: 20 }), failed }),
  'one without judge and repetitions': () =>
    madeUpEvaluation({ questions: 12, judge: false, repetitions: 1 }),
  'a batch, without best-of-N': () =>
    madeUpEvaluation({ questions: 12, judge: false, repetitions: 1, bestOfN: false }),
  'one question': () => madeUpEvaluation({ questions: 1, repetitions: 1 }),
  'two questions': () => madeUpEvaluation({ questions: 2 }),
  'not one success': () => ({ ...madeUpEvaluation({ questions: 0 }), questions: 2, failed }),
}

const claimOf = (html: string) => /<h1>(.*?)<\/h1>/s.exec(html)?.[1]?.replaceAll('\u00A0', ' ')

describe('the first sentence claims no more than can be told', () => {
  test.each([
    [{}, /^TPO beats best of 15 on \d\d % of 100 questions$/],
    [
      { advantage: -0.8 },
      /^TPO loses to best of 15: it is better on only \d\d % of 100 questions$/,
    ],
    [
      { advantage: 0.3, questions: 12, repetitions: 1 },
      /^TPO and best of 15 cannot be told apart on 12 questions: TPO wins \d\d %$/,
    ],
    [
      { questions: 1, repetitions: 1 },
      /^TPO and best of 15 cannot be told apart on the one question: TPO wins \d+ %$/,
    ],
    // A run cannot fall behind what it began with: that is no win.
    [
      { bestOfN: false },
      /^TPO finds a better answer than its best of 5 on \d\d % of 100 questions$/,
    ],
    [{ questions: 0 }, /^No question was answered, so there is nothing to compare$/],
  ])('%o', (made, claim) => {
    expect(claimOf(reportHtml(madeUpEvaluation(made)))).toMatch(claim)
  })

  test('it says when rewards may be paid in length, and when the judge does not follow', () => {
    expect(reportHtml(madeUpEvaluation())).not.toContain('class="warns"')
    expect(reportHtml(madeUpEvaluation({ advantage: 1, growth: 300 }))).toMatch(
      /<li class="warns">Rewards seem to be paid in length/,
    )
    const { iterations, ...rest } = madeUpEvaluation()
    const falling = iterations.map((one) => {
      const value = 2 - one.iteration
      return Object.assign(one, { judge: { value, low: value - 0.1, high: value + 0.1 } })
    })
    expect(reportHtml({ ...rest, iterations: falling })).toMatch(
      /<li class="warns">While rewards rise, the judge’s fall from 2\.00 to 0\.00/,
    )
  })
})

test('ten thousand questions and the longest answers still make a small file', () => {
  const few = madeUpEvaluation({ questions: 100, repetitions: 1 })
  const per_question = Array.from({ length: 100 }, () => few.per_question).flat()
  const long = { text: 'word '.repeat(50_000), reward: 1, judge: null }
  const best_cases = few.best_cases.map((one) => ({
    ...one,
    answers: { first_answer: long, first_best: long, best_of_n: long, tpo: long },
    loss: long.text,
  }))
  const html = reportHtml({ ...few, per_question, best_cases })
  expect(html.length).toBeLessThan(700_000)
  expect(html).toContain('characters more')
})

test('every question is in one bar of the distribution of gains', () => {
  const evaluation = madeUpEvaluation()
  // Gains that lie where bars begin and end, too.
  for (const { arms } of evaluation.per_question) {
    for (const arm of Object.values(arms)) arm.reward = Math.round(arm.reward * 2) / 2
  }
  const html = reportHtml(evaluation)
  const [, bars = ''] =
    /<svg[^>]*aria-label="Gain over best of 15 in reward(.*?)<\/svg>/s.exec(html) ?? []
  const counts = [...bars.matchAll(/<title>[^<]*: (\d+)<\/title>/g)].map(([, count]) =>
    Number(count),
  )
  expect(counts.length).toBeGreaterThan(5)
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(evaluation.per_question.length)
})

test('its colours are those of the page', () => {
  const tokens = readFileSync('clients/web/style/tokens.css', 'utf8')
  const valuesOf = (css: string) =>
    new Map(
      [...css.matchAll(/--([\w-]+): (light-dark\([^)]+\));/g)].map(([, name, value]) => [
        name,
        value,
      ]),
    )
  const [page, own] = [valuesOf(tokens), valuesOf(style)]
  const shared = [...own].filter(([name]) => page.has(name))
  expect(shared.length).toBeGreaterThan(8)
  for (const [name, value] of shared) expect([name, value]).toEqual([name, page.get(name)])
})

describe.skipIf(!hasBrowser)('opened from a file, without a network', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tpo-report-'))
  const complaints: string[] = []
  let browser: Browser | undefined
  let page: Page | undefined
  beforeAll(async () => {
    browser = await openBrowser()
  })
  afterEach(() => page?.context().close())
  afterAll(async () => {
    await browser?.close()
    await rm(folder, { recursive: true })
  })

  async function open(evaluation: Evaluation, options: BrowserContextOptions = {}): Promise<Page> {
    const file = join(folder, 'report.html')
    writeFileSync(file, reportHtml(evaluation))
    const address = pathToFileURL(file).href
    complaints.length = 0
    const context = await browser?.newContext({ offline: true, ...options })
    const opened = await context?.newPage()
    if (opened === undefined) throw new Error('the browser is not open')
    page = opened
    opened.on('pageerror', (error) => complaints.push(String(error)))
    opened.on('console', (message) => complaints.push(message.text()))
    opened.on('dialog', (dialog) => complaints.push(dialog.message()))
    opened.on('request', (request) => {
      if (request.url() !== address) complaints.push(`asked for ${request.url()}`)
    })
    await opened.goto(address)
    return opened
  }

  async function serious(opened: Page): Promise<string[]> {
    const session = await opened.context().newCDPSession(opened)
    // Past the report's content policy, which lets no foreign script in.
    await session.send('Runtime.evaluate', { expression: axe })
    const { violations, passes } = await opened.evaluate(
      () => Reflect.get(globalThis, 'axe').run() as Promise<AxeResults>,
    )
    expect(passes.length).toBeGreaterThan(5)
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
  }

  test.each(Object.entries(kinds))('%s is whole, on a phone and for all', async (kind, made) => {
    const evaluation = made()
    const schemes = kind === 'a whole comparison' ? (['light', 'dark'] as const) : ['dark' as const]
    for (const colorScheme of schemes) {
      const opened = await open(evaluation, { colorScheme, viewport: phone })
      expect(await overflow(opened)).toBe(0)
      for (const fold of await opened.locator('.case, .fold').all()) {
        await fold.evaluate((one) => one.setAttribute('open', ''))
      }
      expect(await overflow(opened)).toBe(0)
      expect(await serious(opened)).toEqual([])
      expect(await opened.locator('main').textContent()).not.toMatch(/NaN|undefined|Infinity|null/)
      const drawn = await opened.locator('main').innerHTML()
      expect(drawn).not.toMatch(/="[^"]*(NaN|undefined|Infinity)/)
      for (const { id } of evaluation.failed) {
        expect(await opened.locator('#failed').textContent()).toContain(id)
      }
      expect(complaints).toEqual([])
      await opened.context().close()
    }
  })

  test('every chart says in words what it shows', async () => {
    const opened = await open(madeUpEvaluation())
    const charts = opened.getByRole('img')
    expect(await charts.count()).toBe(11)
    for (const chart of await charts.all()) {
      expect((await chart.getAttribute('aria-label'))?.length).toBeGreaterThan(40)
    }
    const { iterations } = madeUpEvaluation()
    const label = (await charts.nth(1).getAttribute('aria-label')) ?? ''
    expect(label).toContain(
      `best so far ${iterations.map(({ best }) => best.value.toFixed(2)).join(', ')}`,
    )
  })

  test('the table of questions begins with the largest losses and is sorted by its heads', async () => {
    const opened = await open(madeUpEvaluation({ questions: 30 }))
    const table = opened.getByRole('region', { name: 'All questions' })
    const column = async (at: number) =>
      (await table.locator(`tbody tr > :nth-child(${at})`).allTextContents()).map((text) =>
        text.trim().replace('\u2212', '-'),
      )
    const rising = (values: readonly number[]) => values.toSorted((a, b) => a - b)
    const gains = (await column(7)).map(Number)
    expect(gains).toEqual(rising(gains))
    const characters = table.getByRole('button', { name: 'characters' })
    await characters.click()
    const falling = rising((await column(9)).map(Number)).toReversed()
    await expect.poll(async () => (await column(9)).map(Number)).toEqual(falling)
    expect(
      await table.getByRole('columnheader', { name: 'characters' }).getAttribute('aria-sort'),
    ).toBe('descending')
    await characters.click()
    await expect.poll(async () => (await column(9)).map(Number)).toEqual(falling.toReversed())
    await table.getByRole('button', { name: 'id', exact: true }).click()
    await expect.poll(async () => (await column(1)).slice(0, 3)).toEqual(['q000', 'q001', 'q002'])
    expect(complaints).toEqual([])
  })

  test('without script all is there', async () => {
    const opened = await open(madeUpEvaluation({ questions: 30 }), { javaScriptEnabled: false })
    expect(await opened.locator('.sortable tbody tr').count()).toBe(30)
    expect(await opened.locator('.sortable button').count()).toBe(0)
    expect(await opened.locator('.case[open] .answers').first().isVisible()).toBe(true)
  })

  test('what models and people write stays text', async () => {
    const harm = (name: string) =>
      `</script></title></style>--><img src=x onerror="globalThis.harmed='${name}'"><svg onload=alert(1)>" onmouseover="alert(2)" x='&lt;b&gt; \u202Etxet\u0000 ${'unbreakable'.repeat(60)}`
    const plain = madeUpEvaluation({ questions: 4, repetitions: 1 })
    const cases = plain.best_cases.map((one) => ({
      ...one,
      id: harm('id'),
      question: harm('question'),
      loss: harm('loss'),
      gradient: harm('gradient'),
      answers: Object.fromEntries(
        Object.entries(one.answers).map(([name, answer]) => [
          name,
          { ...answer, text: `${harm('answer')} ${answer.text}` },
        ]),
      ),
    }))
    const opened = await open(
      {
        ...plain,
        models: { policy: harm('policy'), reward: harm('reward'), judge: harm('judge') },
        per_question: plain.per_question.map(({ arms }) => ({
          arms,
          id: harm('id'),
          question: harm('question'),
        })),
        failed: [{ id: harm('id'), detail: harm('detail') }],
        best_cases: cases,
        worst_cases: cases,
      },
      { viewport: phone },
    )
    for (const fold of await opened.locator('.case, .fold').all()) {
      await fold.evaluate((one) => one.setAttribute('open', ''))
    }
    expect(
      await opened.locator('img, iframe, object, [onload], [onerror], [onmouseover]').count(),
    ).toBe(0)
    expect(await opened.locator('script').count()).toBe(1)
    expect(await opened.evaluate(() => Reflect.get(globalThis, 'harmed'))).toBe(undefined)
    expect(await opened.locator('article .text').first().textContent()).toContain(
      `<img src=x onerror="globalThis.harmed='answer'">`,
    )
    expect(await overflow(opened)).toBe(0)
    expect(complaints).toEqual([])
  })
})
