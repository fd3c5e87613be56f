import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { formatGain } from '../../clients/common/format.ts'
import { compose } from '../../clients/web/words/en/compose.ts'
import { exampleQuestions } from '../../clients/web/words/examples.ts'
import { run } from '../../clients/web/words/en/run.ts'
import { run as zhRun } from '../../clients/web/words/zh/run.ts'
import { steer } from '../../clients/web/words/en/steer.ts'
import { steer as zhSteer } from '../../clients/web/words/zh/steer.ts'
import { TpoClient } from '../../shared/client.ts'
import { type FakeVllm, startFakeVllm } from '../fakes/fake-vllm.ts'
import { type House, startHouse } from '../system/house.ts'
import { hasBrowser, openBrowser } from './browser.ts'

const question = exampleQuestions[2]

/** A fake policy, since a run is to be quick, before the demo's reward model. */
describe.skipIf(!hasBrowser)('steering', () => {
  let browser: Browser
  let house: House
  let policy: FakeVllm
  let page: Page
  let complaints: string[]

  beforeAll(async () => {
    ;[policy, browser] = await Promise.all([startFakeVllm(), openBrowser()])
    house = await startHouse({ TPO_POLICY_BASE_URL: policy.url })
  }, 60_000)

  afterAll(async () => {
    house.command.child.kill('SIGTERM')
    await Promise.all([browser.close(), policy.close(), house.command.exit])
  })

  beforeEach(() => {
    complaints = []
    policy.behave({})
  })
  afterEach(async () => {
    await page.context().close()
    if (complaints.length > 0) throw new Error(complaints.join('\n'))
  })

  async function open(options: BrowserContextOptions = {}) {
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
    page = await context.newPage()
    page.on('pageerror', (error) => complaints.push(String(error)))
    const known = page.waitForResponse('**/v1/backends')
    await page.goto(house.url)
    // Whoever scores is known before anything is asked.
    await (await known).finished()
  }

  async function runOnce(words = { compose, run }) {
    await page.getByLabel(words.compose.question).fill(question)
    await page.getByRole('button', { name: words.compose.improve, exact: true }).click()
    await state(words.run.done)
  }

  const state = (text: string) =>
    page.locator('.run-state').getByText(text, { exact: true }).waitFor()
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const items = () => page.getByRole('treeitem')
  const item = (at: number) => items().nth(at)
  const selected = () => page.getByRole('treeitem', { selected: true })
  const toTheEnd = () => button(steer.toTheEnd).click()
  const texts = (locator: Locator) => locator.allTextContents()
  const sheet = (name: string) => page.getByRole('dialog', { name, exact: true })

  test('an edited gradient grows a branch; the old one stays as it was', async () => {
    await open()
    await runOnce()
    await expect.poll(() => items().count()).toBe(11)
    const lanes = () => texts(page.locator('.lane .answer'))
    const before = await lanes()

    await item(4).click()
    await expect.poll(() => selected().textContent()).toContain(steer.position('gradient', 1))
    await page.getByLabel(run.gradient).fill('Say it in one warm sentence.')
    await item(2).click()
    await page.getByLabel(steer.chosen).waitFor()
    await item(4).click()
    // The draft waited here.
    await expect.poll(() => page.getByLabel(run.gradient).inputValue()).toContain('warm sentence')
    await toTheEnd()
    await state(run.done)

    await expect.poll(() => items().count()).toBe(17)
    expect(policy.requests.at(-4)?.messages.at(-1)?.content).toContain('in one warm sentence')
    const branch = page.getByRole('treeitem', { name: steer.edited(['gradient']) })
    await expect.poll(() => branch.textContent()).toContain(steer.position('update', 1))
    await expect.poll(() => item(4).getAttribute('aria-expanded')).toBe('true')
    await expect.poll(() => lanes()).not.toEqual(before)
    await item(10).click()
    await expect.poll(() => lanes()).toEqual(before)
  })

  test('chosen and rejected can be swapped, picked and written', async () => {
    await open()
    await runOnce()
    const asked = () => policy.requests.at(-1)?.messages.at(-1)?.content ?? ''
    const answers = await texts(page.locator('#lanes-0 .lane .answer'))
    await item(2).click()
    const chosen = page.getByLabel(steer.chosen)
    const rejected = page.getByLabel(steer.rejected)
    const options = await texts(chosen.locator('option'))
    await button(steer.swap).click()
    expect([await chosen.inputValue(), await rejected.inputValue()]).toEqual(['worst', 'best'])

    // A third one of the five, and a text of one's own.
    const third = options[4] ?? ''
    await chosen.selectOption({ label: third })
    await rejected.selectOption({ label: steer.writeOwn })
    await page.getByLabel(steer.ownText).fill('Thanks for nothing.')
    await button(steer.oneStep).click()
    await state(run.open)
    expect(asked()).toContain('Thanks for nothing.')
    expect(answers.filter((answer) => asked().includes(answer))).toHaveLength(1)
    expect(third).toContain(answers.find((answer) => asked().includes(answer)) ?? 'none of them')
    await expect
      .poll(() => selected().textContent())
      .toContain(steer.edited(['chosen', 'rejected']))
  })

  test('own answers are scored, others left out, and a new seed draws new ones', async () => {
    await open()
    await runOnce()
    await item(1).click()
    await page.locator('.candidate input').first().uncheck()
    await button(steer.addAnswer).click()
    await page.getByLabel(steer.ownAnswer(1)).fill('Thank you, Maria. You saved my day. Tom')
    await button(steer.oneStep).click()
    const own = page.getByRole('article', { name: run.answer('0F'), exact: true })
    await own.getByText('Thank you, Maria. You saved my day. Tom', { exact: true }).waitFor()
    await own.locator('.reward').waitFor()
    await expect.poll(() => page.locator('.lane').count()).toBe(5)

    await item(0).click()
    const seed = page.getByRole('spinbutton', { name: steer.sampling.seed, exact: true })
    await seed.fill('11')
    await page.getByRole('spinbutton', { name: steer.sampling.samples, exact: true }).fill('2')
    await button(steer.oneStep).click()
    await state(run.open)
    await expect.poll(() => page.locator('.lane').count()).toBe(2)
    await expect.poll(() => selected().textContent()).toContain(steer.edited(['sampling']))
    await item(0).click()
    await button(steer.newSeed).click()
    await expect.poll(() => seed.inputValue()).not.toBe('11')
  })

  test('a refused edit is said at its field, and can be put right', async () => {
    await open()
    await runOnce()
    await item(1).click()
    const kept = page.locator('.candidate input')
    for (const box of await kept.all()) await box.uncheck()
    await button(steer.oneStep).click()
    await page.locator('.to-score .refusal').getByText('$.edit.drop').waitFor()
    await expect.poll(() => items().count()).toBe(11)
    await expect.poll(() => item(1).textContent()).toContain(steer.failed)
    await kept.first().check()
    await button(steer.oneStep).click()
    await page.getByRole('treeitem', { name: steer.edited(['drop']) }).waitFor()
    await expect.poll(() => page.locator('.lane').count()).toBe(1)
  })

  test('the tree is walked by keys alone', async () => {
    await open()
    await runOnce()
    await item(4).click()
    await page.getByLabel(run.gradient).fill('Be brief.')
    await toTheEnd()
    await state(run.done)

    const lands = async (keys: string[], name: string) => {
      for (const key of keys) await page.keyboard.press(key)
      const at = page.locator('[role=treeitem]:focus')
      await expect.poll(() => at.locator('.node-name').textContent()).toBe(name)
      await expect.poll(() => at.getAttribute('aria-selected')).toBe('true')
    }
    await selected().focus()
    await expect.poll(() => page.locator('[role=treeitem][tabindex="0"]').count()).toBe(1)
    await lands(['Home'], steer.start)
    await lands(['ArrowDown', 'ArrowDown'], steer.position('score', 0))
    await lands(['l', 'l'], steer.position('gradient', 1))
    await lands(['l'], steer.position('update', 1))
    const original = await texts(page.locator('#lanes-1 .lane .answer'))
    await lands(['j'], steer.position('update', 1))
    await expect.poll(() => texts(page.locator('#lanes-1 .lane .answer'))).not.toEqual(original)
    await expect.poll(() => selected().getAttribute('aria-level')).toBe('2')
    await lands(['h'], steer.position('gradient', 1))
    await lands(['ArrowLeft'], steer.position('gradient', 1))
    await expect.poll(() => selected().getAttribute('aria-expanded')).toBe('false')
    await expect.poll(() => items().count()).toBe(5)
    await lands(['ArrowRight', 'ArrowRight'], steer.position('update', 1))
    await lands(['End'], steer.position('score', 2))
    await lands(['ArrowLeft'], steer.position('gradient', 1))
    await page.keyboard.press('e')
    await expect.poll(() => page.locator(':focus').getAttribute('id')).toBe('edit-gradient')
  })

  test('an iteration opens as its anatomy, and a reward as its provenance', async () => {
    await open()
    await runOnce()
    await item(6).click()
    await page.keyboard.press('a')
    const anatomy = sheet(steer.anatomyOf(1))
    await anatomy.waitFor()
    const round = page.locator('#round-1')
    const loss = (await texts(round.locator('.criticism .prose')))[0] ?? ''
    const parts = anatomy.locator('.part')
    await expect
      .poll(() => texts(parts.locator('h3')))
      .toEqual([
        expect.stringContaining(run.chosen),
        expect.stringContaining(run.rejected),
        expect.stringContaining(run.loss),
        expect.stringContaining(run.gradient),
        expect.stringContaining(steer.result),
        expect.stringContaining(steer.changes),
      ])
    await expect.poll(() => parts.nth(2).textContent()).toContain(loss)
    await parts.last().locator('ins').first().waitFor()

    // The same run, as a program gets it.
    const client = new TpoClient({ baseUrl: house.url })
    const { steps } = await client.run({ query: question, reward: { explain: true } })
    const scores = steps.filter(({ name }) => name === 'score')
    const rewards = scores.map(({ candidates = [] }) =>
      candidates.flatMap(({ reward }) => reward ?? []),
    )
    const [first = [], second = []] = rewards
    const gain = Math.max(...second) - Math.max(...first)
    await expect.poll(() => parts.nth(4).textContent()).toContain(run.gain(formatGain(gain)))

    await parts.nth(4).locator('button.reward').click()
    const provenance = sheet(steer.provenance)
    const best = scores[1]?.candidates?.find(({ reward }) => reward === Math.max(...second))
    const detail = best?.reward_detail
    await expect.poll(() => provenance.locator('pre').textContent()).toBe(detail?.rendered)
    await expect
      .poll(() => texts(provenance.locator('mark.is-pooled')))
      .toEqual([detail?.pooled_token?.text])
    await expect.poll(() => provenance.locator('mark.is-special').count()).toBeGreaterThan(2)
    const facts = (await texts(provenance.locator('.facts > div'))).join('\n')
    expect(facts).toContain(String(best?.reward))
    expect(facts).toContain('nano-reward')
    expect(facts).toContain(steer.rank(1, 5))
    const rank = 1 + [...first, ...second].filter((reward) => reward > (best?.reward ?? 0)).length
    expect(facts).toContain(steer.rank(rank, 10))

    await page.keyboard.press('Escape')
    await expect.poll(() => provenance.count()).toBe(0)
    await expect.poll(() => anatomy.count()).toBe(1)
    await page.keyboard.press('Escape')
    await expect.poll(() => anatomy.count()).toBe(0)
    await expect.poll(() => page.locator(':focus').getAttribute('role')).toBe('treeitem')
  })

  test('two branches are compared: answers, rewards, edits, words and curves', async () => {
    await open()
    await runOnce()
    const old = await page.locator('.result.is-best .reward').textContent()
    await item(4).click()
    await page.getByLabel(run.gradient).fill('Thank her twice.')
    await page
      .getByRole('spinbutton', { name: steer.sampling.temperature, exact: true })
      .fill('1.3')
    await toTheEnd()
    await state(run.done)
    const fresh = await page.locator('.result.is-best .reward').textContent()
    await button(steer.compare).click()
    const compared = sheet(steer.compareTwo)
    const [one, other] = [compared.locator('.side.branch-1'), compared.locator('.side.branch-2')]
    expect([
      await one.locator('.reward').textContent(),
      await other.locator('.reward').textContent(),
    ]).toEqual([old, fresh])
    await expect.poll(() => one.textContent()).toContain(steer.nothingEdited)
    await expect.poll(() => texts(other.locator('.edits dd'))).toEqual(['Thank her twice.', '1.3'])
    await compared.getByText(steer.forkedAt(steer.position('gradient', 1))).waitFor()
    await expect.poll(() => compared.locator('.chart circle').count()).toBe(30)
    await expect.poll(() => compared.locator('.chart path.best').count()).toBe(2)

    // Any two scored positions.
    await other.locator('select').selectOption({ index: 0 })
    await compared.getByText(steer.forkedAt(steer.position('score', 0))).waitFor()
    await expect.poll(() => compared.locator('.chart circle').count()).toBe(20)
    await button(steer.close).click()
    await expect.poll(() => compared.count()).toBe(0)
  })

  test('a run is asked again with its settings, which can be changed first', async () => {
    await open()
    await page.getByText(compose.settings, { exact: true }).click()
    await page.getByLabel(compose.iterations).fill('1')
    await page.getByLabel(compose.samples).fill('3')
    await runOnce()
    await page.getByLabel(compose.samples).fill('4')
    await page.getByLabel(compose.question).fill('Something else')
    await button(steer.again).click()
    await expect.poll(() => page.getByLabel(compose.samples).inputValue()).toBe('3')
    await expect.poll(() => page.getByLabel(compose.question).inputValue()).toBe(question)
    await expect.poll(() => items().count()).toBe(7)
  })

  test('a step goes on while the tree is walked, and is marked there', async () => {
    await open()
    await runOnce()
    const held = Promise.withResolvers<void>()
    policy.behave({ held: held.promise })
    await item(4).click()
    await button(steer.newSeed).click()
    await toTheEnd()
    await policy.asked()
    await item(1).click()
    await page
      .locator('.run-state')
      .getByText(steer.at(steer.position('sample', 0)))
      .waitFor()
    await page.getByText(steer.elsewhere).waitFor()
    await expect.poll(() => item(4).textContent()).toContain(steer.running)
    held.resolve()
    await items().nth(16).getByText(steer.end).waitFor()
    await expect.poll(() => selected().textContent()).toContain(steer.position('sample', 0))
    await expect.poll(() => page.getByText(steer.running).count()).toBe(0)
  })

  test('a phone has the tree folded away, in Chinese too', async () => {
    await open({
      viewport: { width: 390, height: 844 },
      isMobile: true,
      hasTouch: true,
      locale: 'zh-CN',
    })
    await page.locator('#question').fill(question)
    await page.locator('.composer-go button').tap()
    await state(zhRun.done)
    const fold = page.locator('.steps summary')
    await fold.tap()
    await page.getByRole('treeitem', { name: zhSteer.position('gradient', 1) }).tap()
    await page.getByLabel(zhRun.gradient).fill('简短一些。')
    await button(zhSteer.toTheEnd).tap()
    await state(zhRun.done)
    await fold.tap()
    await page.getByRole('treeitem', { name: zhSteer.edited(['gradient']) }).waitFor()
    await button(zhSteer.compare).tap()
    await sheet(zhSteer.compareTwo).waitFor()
    const overflow = () =>
      page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      )
    expect(await overflow()).toBe(0)
    expect(
      await sheet(zhSteer.compareTwo).evaluate((box) => box.scrollWidth - box.clientWidth),
    ).toBe(0)
  })
})
