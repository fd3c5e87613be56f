import { describe, expect, test } from 'vitest'
import { formatGain, formatReward, placeName } from '../../clients/common/format.ts'
import { exampleQuestions } from '../../clients/web/words/examples.ts'
import { TpoClient } from '../../shared/client.ts'
import { usualReward } from '../fakes/fake-reward.ts'
import { hasBrowser } from './browser.ts'
import { texts, usePage } from './use-page.ts'

const question = exampleQuestions[0]
const [firstExample = '', secondExample = ''] = texts.exampleTitles

describe.skipIf(!hasBrowser)('the page', () => {
  const { complaints, open, best, button, state, overflow, ...parts } = usePage()
  const improve = () => button(texts.improve).click()
  const starts = () => {
    let count = 0
    parts.page().on('request', (request) => {
      if (request.url().endsWith('/v1/tpo/start')) count += 1
    })
    return () => count
  }

  test('a run shows every answer, the critiques, the curve and what was gained', async () => {
    const page = await open()
    parts
      .reward()
      .behave({ reward: (text) => usualReward(text) + (text.startsWith('Improved') ? 4 : 0) })
    await button(firstExample).click()
    await improve()
    await state(texts.done)

    const { run, steps } = await new TpoClient({ baseUrl: parts.url() }).run({ query: question })
    const final = run.best
    const first = run.history[0]?.best ?? Number.NaN
    if (final === null) throw new Error('the run has no best answer')
    await best().getByText(final.text, { exact: true }).waitFor()
    const firstBest = page.getByRole('article', { name: texts.firstBest })
    await expect
      .poll(() => best().locator('.score').textContent())
      .toContain(formatReward(final.reward))
    await expect
      .poll(() => firstBest.locator('.score').textContent())
      .toContain(formatReward(first))
    expect(final.reward).toBeGreaterThan(first)
    await best()
      .getByText(texts.gain(formatGain(final.reward - first)))
      .waitFor()

    for (const { candidates = [], iteration } of steps.filter(({ name }) => name === 'score')) {
      for (const { index, text, reward = Number.NaN } of candidates) {
        const name = texts.answer(placeName(iteration, index))
        const card = page.getByRole('article', { name, exact: true })
        await expect.poll(() => card.textContent()).toContain(text)
        await expect.poll(() => card.textContent()).toContain(formatReward(reward))
      }
    }
    const nameOf = ({ iteration, index }: { iteration: number; index: number }) =>
      texts.answer(placeName(iteration, index))
    const cardWith = (role: string) => page.locator('.lane', { hasText: role })
    await expect
      .poll(() => cardWith(texts.bestShort).getAttribute('aria-label'))
      .toBe(nameOf(final))
    const scored = steps.flatMap(({ name, iteration, candidates = [] }) =>
      name === 'score'
        ? candidates.map(({ index, reward = Number.NaN }) => ({ iteration, index, reward }))
        : [],
    )
    for (const round of [1, 2]) {
      const ranked = scored
        .filter(({ iteration }) => iteration < round)
        .sort((one, other) => other.reward - one.reward)
      for (const [answer, role] of [
        [ranked[0], 'is-chosen'],
        [ranked.at(-1), 'is-rejected'],
      ] as const) {
        if (answer === undefined) throw new Error('nothing was scored')
        const card = page.getByRole('article', { name: nameOf(answer), exact: true })
        await card.locator(`.role.${role}`, { hasText: String(round) }).waitFor()
      }
    }
    for (const { text } of steps.filter(({ name }) => name === 'loss' || name === 'gradient')) {
      await page
        .locator('.criticism')
        .getByText(text ?? '', { exact: true })
        .waitFor()
    }
    await expect.poll(() => page.locator('.chart circle').count()).toBe(15)
    await expect.poll(() => page.locator('tbody tr').count()).toBe(3)
    await expect.poll(() => page.getByRole('status').textContent()).toContain(final.text)

    await button(texts.copy).click()
    await button(texts.copied).waitFor()
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toBe(final.text)
    expect(complaints()).toEqual([])
  })

  test('cancel ends the upstream work, keeps the best so far, and the run can go on', async () => {
    const page = await open()
    parts.policy().behave({
      write: (_, index) => {
        parts.policy().behave({ midStream: 'hang' })
        return `Sample ${index}.`
      },
    })
    await page.getByLabel(texts.question).fill(question)
    await improve()
    // The textual loss has begun to stream in, and goes no further.
    await page.getByRole('article', { name: texts.bestSoFar }).waitFor()
    await page.locator('.criticism .is-writing', { hasText: 'Text' }).waitFor()
    await button(texts.cancel).click()
    await state(texts.cancelled)
    await parts.policy().abandoned()
    await best(texts.bestSoFar)
      .getByText(/^Sample \d\.$/)
      .waitFor()

    parts.policy().behave({})
    await button(texts.resume).click()
    await state(texts.done)
    await expect.poll(() => page.locator('.lane').count()).toBe(15)
    expect(parts.policy().requests.filter(({ n }) => n === 5)).toHaveLength(2)
    expect(complaints()).toEqual([])
  })

  test('an error says what happened, and the last cursor is sent again', async () => {
    const page = await open()
    parts
      .reward()
      .behave({ fails: { code: 'reward_error', status: 500, detail: 'Out of memory.' } })
    await page.getByLabel(texts.question).fill(question)
    await improve()
    const alert = page.getByRole('alert')
    await alert.getByText('reward_error').waitFor()
    await alert.getByText('The reward model answered with an error').waitFor()
    await expect.poll(() => page.locator('.lane').count()).toBe(5)

    parts.reward().behave({})
    await button(texts.tryAgain).click()
    await state(texts.done)
    await expect.poll(() => alert.count()).toBe(0)
    // One sample and twice loss, gradient and update: nothing was drawn again.
    expect(parts.policy().requests).toHaveLength(7)
    expect(complaints()).toEqual([])
  })

  test('an API that is gone is said so, and can be tried again', async () => {
    const page = await open()
    await page.route('**/v1/**', (route) => route.abort('connectionrefused'))
    await page.getByLabel(texts.question).fill(question)
    await improve()
    const alert = page.getByRole('alert')
    await alert.getByText(texts.noConnection).waitFor()
    await page.unroute('**/v1/**')
    await button(texts.tryAgain).click()
    await state(texts.done)
    await expect.poll(() => alert.count()).toBe(0)
  })

  test('Enter submits with Ctrl, and never while an input method composes', async () => {
    const page = await open()
    const count = starts()
    const devtools = await page.context().newCDPSession(page)
    const box = page.getByLabel(texts.question)
    await box.focus()
    await devtools.send('Input.imeSetComposition', {
      text: 'ほんやく',
      selectionStart: 4,
      selectionEnd: 4,
    })
    await expect.poll(() => box.inputValue()).toBe('ほんやく')
    await page.keyboard.press('Control+Enter')
    await devtools.send('Input.insertText', { text: '翻訳' })
    await box.evaluate((element) => {
      const late = { key: 'Enter', keyCode: 229, ctrlKey: true, bubbles: true, cancelable: true }
      element.dispatchEvent(new KeyboardEvent('keydown', late))
    })
    await page.keyboard.press('Enter')
    await page.keyboard.type('!')
    await expect.poll(() => box.inputValue()).toBe('翻訳\n!')
    expect(count()).toBe(0)
    await page.keyboard.press('Control+Enter')
    await state(texts.done)
    expect(count()).toBe(1)
  })

  test('nothing is sent without a question or with a wrong setting, which comes into view', async () => {
    const page = await open()
    const count = starts()
    const box = page.getByLabel(texts.question)
    await box.fill('  \n ')
    await improve()
    await expect.poll(() => box.evaluate((element) => element.matches(':invalid:focus'))).toBe(true)
    await box.fill(question)
    const samples = page.getByLabel(texts.samples)
    await page.getByText(texts.settings).click()
    await samples.fill('0')
    await page.getByText(texts.settings).click()
    await improve()
    await expect.poll(() => samples.isVisible()).toBe(true)
    expect(count()).toBe(0)
    await samples.fill('2')
    await improve()
    await state(texts.done)
    await expect.poll(() => page.locator('.lane').count()).toBe(6)
  })

  test('a phone shows all of it without scrolling sideways', async () => {
    const page = await open({
      viewport: { width: 320, height: 640 },
      isMobile: true,
      hasTouch: true,
    })
    expect(await overflow()).toBe(0)
    await page.getByText(texts.settings).tap()
    expect(await overflow()).toBe(0)
    parts.policy().behave({ write: (_, index) => `${'Unbreakable'.repeat(20)} ${index}` })
    await button(secondExample).tap()
    await button(texts.improve).tap()
    await state(texts.done)
    expect(await overflow()).toBe(0)
  })
})
