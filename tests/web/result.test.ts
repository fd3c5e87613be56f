import { describe, expect, test } from 'vitest'
import { formatReward } from '../../clients/common/format.ts'
import { worth } from '../../clients/web/words/en/worth.ts'
import { usualReward } from '../fakes/fake-reward.ts'
import type { ChatRequest } from '../fakes/fake-vllm.ts'
import { hasBrowser } from './browser.ts'
import { texts, usePage } from './use-page.ts'

const rewrites = ({ messages }: ChatRequest) =>
  messages.at(-1)?.content.includes('between <answer> and </answer>') === true

describe.skipIf(!hasBrowser)('what a run came to', () => {
  const { complaints, open, ask, button, page, policy, reward, best } = usePage()

  test('an answer is shown as its Markdown means it', async () => {
    await open()
    const markdown = [
      '# Title &amp; more',
      'A **strong** and *soft* word, `a < b`, ~~gone~~,\na second line, [a link](https://example.com/a?b=c) and <https://example.org>.',
      '1. one\n2. two\n   - inner\n\n- [x] done',
      '| a | b |\n| --- | ---: |\n| 1 | **2** |',
      '```js\nif (a < b) "&amp;"\n```',
      '> quoted',
      '![a picture](https://example.com/p.png)',
    ].join('\n\n')
    policy().behave({ write: () => markdown })
    await open()
    await page().locator('.settings > summary').click()
    await page().getByLabel(texts.modes.bon.name).check()
    await ask('Write Markdown.')
    const answer = best().locator('.markdown')
    await expect.poll(() => answer.locator('h3').textContent()).toBe('Title & more')
    await expect.poll(() => answer.locator('strong').first().textContent()).toBe('strong')
    await expect.poll(() => answer.locator('em').textContent()).toBe('soft')
    await expect.poll(() => answer.locator('p code').textContent()).toBe('a < b')
    await expect
      .poll(() => answer.locator('p', { hasText: 'second line' }).innerText())
      .toContain('gone,\na second line')
    await expect
      .poll(() => answer.locator('ol > li').allTextContents())
      .toEqual(['one', 'twoinner'])
    await expect.poll(() => answer.locator('li', { hasText: 'done' }).textContent()).toBe('☑ done')
    await expect.poll(() => answer.locator('td').allTextContents()).toEqual(['1', '2'])
    await expect.poll(() => answer.locator('pre').textContent()).toBe('if (a < b) "&amp;"')
    await expect.poll(() => answer.locator('blockquote').textContent()).toBe('quoted')
    const links = answer.locator('a')
    await expect
      .poll(() => links.evaluateAll((all) => all.map((one) => one.getAttribute('href'))))
      .toEqual(['https://example.com/a?b=c', 'https://example.org/', 'https://example.com/p.png'])
    await expect.poll(() => links.first().getAttribute('rel')).toContain('noopener')
    await expect.poll(() => answer.locator('img').count()).toBe(0)

    await button(texts.copy).click()
    await button(texts.copied).waitFor()
    await expect.poll(() => page().evaluate(() => navigator.clipboard.readText())).toBe(markdown)
    expect(complaints()).toEqual([])
  })

  test('what changed is marked word by word, with the advice that caused it', async () => {
    await open()
    const asks = ({ messages }: ChatRequest, text: string) =>
      messages.some(({ content }) => content.includes(text))
    policy().behave({
      write(request, index) {
        const second = asks(request, '四')
        if (rewrites(request)) {
          return `<answer>研讨会定于星期${second ? '六' : '四'}下午举行 ${index}</answer>`
        }
        return request.n > 1 ? `研讨会定于星期五举行 ${index}` : `Advice ${second ? 1 : 0}.`
      },
    })
    // Later rounds are better; of one round, the first.
    reward().behave({
      reward: (text) =>
        (text.includes('六') ? 4 : text.includes('四') ? 2 : 0) - Number(text.at(-1)) / 10,
    })
    await ask('什么时候？')
    const changes = page().locator('.change')
    await changes.first().locator('ins').first().waitFor()
    await expect.poll(() => changes.count()).toBe(3)
    await expect.poll(() => changes.nth(0).locator('h3').textContent()).toContain('0A')
    await expect.poll(() => changes.nth(0).locator('h3').textContent()).toContain('+2.00')
    await expect.poll(() => changes.nth(0).locator('.advice').textContent()).toContain('Advice 0.')
    await expect.poll(() => changes.nth(0).locator('del').allTextContents()).toEqual(['星期五'])
    await expect.poll(() => changes.nth(0).locator('ins').allTextContents()).toEqual(['星期四下午'])
    await expect.poll(() => changes.nth(1).locator('.advice').textContent()).toContain('Advice 1.')
    await expect.poll(() => changes.nth(1).locator('ins').allTextContents()).toEqual(['星期六'])
    await expect.poll(() => changes.nth(2).locator('ins').allTextContents()).toEqual(['星期六下午'])
    expect(complaints()).toEqual([])
  })

  test('all answers stand in one table, in the order of any column', async () => {
    await open()
    const lengths = ['.', '...', '..']
    policy().behave({
      write: (request, index) =>
        rewrites(request) ? '<answer>!</answer>' : (lengths[index] ?? ''),
    })
    reward().behave({ reward: (text) => ({ '.': 2, '...': 1, '..': 3 })[text] ?? -1 })
    await page().locator('.settings > summary').click()
    await page().getByLabel(texts.samples, { exact: true }).fill('3')
    await page().getByLabel(texts.iterations, { exact: true }).fill('1')
    await ask('Which one?')
    await page().locator('.candidates > summary').click()
    const names = () => page().locator('.candidates tbody th').allTextContents()
    const header = (name: string) => page().getByRole('columnheader', { name })
    await expect.poll(() => names()).toEqual(['0C', '0A', '0B', '1A', '1B', '1C'])
    await expect
      .poll(() => header(texts.columns.reward).getAttribute('aria-sort'))
      .toBe('descending')
    await button(texts.columns.reward).click()
    await expect.poll(() => names()).toEqual(['1A', '1B', '1C', '0B', '0A', '0C'])
    await button(texts.columns.length).focus()
    await page().keyboard.press('Enter')
    await expect.poll(() => names()).toEqual(['0B', '0C', '0A', '1A', '1B', '1C'])
    await expect.poll(() => header(texts.columns.reward).getAttribute('aria-sort')).toBe('none')
    await button(texts.columns.iteration).click()
    await expect.poll(() => names()).toEqual(['0A', '0B', '0C', '1A', '1B', '1C'])
    await page()
      .locator('.candidates tbody')
      .getByRole('button', { name: texts.answer('1B') })
      .click()
    await expect
      .poll(() => page().evaluate(() => document.activeElement?.getAttribute('aria-label')))
      .toBe(texts.answer('1B'))
  })

  test('best-of-N with as many samples is one click away', async () => {
    await open()
    reward().behave({ reward: (text) => usualReward(text) + (text.startsWith('Improved') ? 9 : 0) })
    await ask('Is it worth it?')
    policy().behave({})
    reward().behave({ fails: { code: 'reward_error', status: 500, detail: 'Out of memory.' } })
    await button(worth.compare(15)).click()
    const section = page().locator('.worth')
    await section.getByRole('alert').getByText('reward_error').waitFor()
    reward().behave({})
    await section.getByRole('button', { name: texts.tryAgain }).click()
    const other = section.getByRole('article', { name: worth.bestOf(15) })
    await other.waitFor()
    expect(policy().requests.map(({ n }) => n)).toEqual([15])
    const drawn = reward().requests.flatMap(({ candidates = [] }) => candidates)
    expect(drawn).toHaveLength(15)
    const reached = Math.max(...drawn.map(usualReward))
    await expect.poll(() => other.locator('.reward').textContent()).toContain(formatReward(reached))
    await section
      .getByRole('status')
      .getByText(/^Yes: TPO is \+/)
      .waitFor()
    await expect.poll(() => page().locator('.run-bar .run-state').textContent()).toBe(texts.done)
    expect(complaints().filter((text) => !text.includes('status of 502'))).toEqual([])
  })

  test('rewards that rise along with length are remarked upon', async () => {
    await open()
    policy().behave({
      write: (request, index) =>
        rewrites(request) ? `<answer>${'Longer. '.repeat(9 + index)}</answer>` : `Short ${index}.`,
    })
    reward().behave({ reward: (text) => text.length })
    await ask('How long?')
    await page().locator('.length-note').waitFor()

    reward().behave({ reward: (text) => -text.length })
    await ask('How short?')
    await expect.poll(() => page().locator('.length-note').count()).toBe(0)
  })
})
