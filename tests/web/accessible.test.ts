import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { AxeResults, RunOptions } from 'axe-core'
import { describe, expect, test } from 'vitest'
import { steer } from '../../clients/web/words/en/steer.ts'
import { worth } from '../../clients/web/words/en/worth.ts'
import { hasBrowser } from './browser.ts'
import { texts, usePage } from './use-page.ts'

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const long = Array.from({ length: 30 }, (_, line) => `Line ${line} of a long answer.`).join('\n\n')

describe.skipIf(!hasBrowser)('axe finds nothing serious', () => {
  const { open, button, page, policy, reward, state } = usePage()

  /** What axe calls serious or critical; in the dark, of what colours have to do with. */
  async function serious(): Promise<string[]> {
    const session = await page().context().newCDPSession(page())
    // Past the page's content policy, which lets no foreign script in.
    await session.send('Runtime.evaluate', { expression: axe })
    const found = await violations('light', {})
    const ofColours = ['color-contrast', 'link-in-text-block']
    return [...found, ...(await violations('dark', { runOnly: ofColours }))]
  }

  async function violations(colorScheme: 'light' | 'dark', options: RunOptions) {
    await page().emulateMedia({ colorScheme })
    const { violations, passes } = await page().evaluate(
      (given) => Reflect.get(globalThis, 'axe').run(given) as Promise<AxeResults>,
      options,
    )
    expect(passes.length).toBeGreaterThan(colorScheme === 'light' ? 10 : 0)
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(({ html }) => `${colorScheme}: ${id}: ${html.slice(0, 200)}`),
      )
  }

  test('before a run, with everything unfolded and a wrong field', async () => {
    await open()
    expect(await serious()).toEqual([])
    await button(texts.addEarlier).click()
    await page().locator('.settings > summary').click()
    for (const fold of await page().locator('.fold > summary').all()) await fold.click()
    await page().getByLabel(texts.plateau, { exact: true }).fill('0')
    await page().getByLabel(texts.question).fill('What?')
    await page().locator('.estimate').waitFor()
    expect(await serious()).toEqual([])
  })

  test('during a run and after it, with long answers and thinking', async () => {
    await open()
    // The first rewriting begins, and goes no further.
    policy().behave({
      write: ({ n }, index) => ({ reasoning: 'Hm.', content: n > 1 ? long : `Short ${index}.` }),
      midStream: ['whole', 'whole', 'whole', 'hang'],
      after: 60,
    })
    await page().locator('.settings > summary').click()
    await page().getByLabel(texts.samples, { exact: true }).fill('3')
    await page().getByLabel(texts.question).fill('What?')
    await button(texts.improve).click()
    await page().locator('#lanes-1 .lane .is-writing').first().waitFor()
    expect(await serious()).toEqual([])
    await button(texts.cancel).click()
    await state(texts.cancelled)
    expect(await serious()).toEqual([])

    policy().behave({
      write: ({ messages }, index) =>
        messages.at(-1)?.content.includes('<answer>') === true
          ? `<answer>${long} ${index}</answer>`
          : `| a |\n| - |\n| ${index} |\n\n- [x] [link](https://example.com)\n\n${long}`,
    })
    reward().behave({ reward: (text) => text.length })
    await button(texts.resume).click()
    await state(texts.done)
    await page().locator('.candidates > summary').click()
    await button(worth.compare(9)).click()
    await page()
      .getByRole('article', { name: worth.bestOf(9) })
      .waitFor()
    await page().locator('.change ins').first().waitFor()
    expect(await serious()).toEqual([])
  })

  test('beside an error on a phone', async () => {
    await open({ viewport: { width: 320, height: 640 }, locale: 'en-US' })
    reward().behave({ fails: { code: 'reward_error', status: 500, detail: 'Out of memory.' } })
    await page().getByLabel(texts.question).fill('What?')
    await button(texts.improve).click()
    await page().getByRole('alert').getByText('reward_error').waitFor()
    expect(await serious()).toEqual([])
  })

  test('with branches, what can be changed, and what opens on top of a run', async () => {
    await open({ viewport: { width: 1280, height: 800 } })
    await page().getByLabel(texts.question).fill('What?')
    await button(texts.improve).click()
    await state(texts.done)
    const item = (at: number) => page().getByRole('treeitem').nth(at)
    await item(4).click()
    await page().getByLabel(texts.gradient, { exact: true }).fill('Be brief.')
    await button(steer.toTheEnd).click()
    await state(texts.done)
    await item(1).click()
    await button(steer.addAnswer).click()
    expect(await serious()).toEqual([])
    await item(2).click()
    await page().getByLabel(steer.chosen).selectOption({ label: steer.writeOwn })
    expect(await serious()).toEqual([])
    await item(6).click()
    await button(steer.anatomy).click()
    await page().locator('.sheet ins').first().waitFor()
    await page().locator('.sheet button.reward').first().click()
    expect(await serious()).toEqual([])
    await page().keyboard.press('Escape')
    await page().keyboard.press('Escape')
    await button(steer.compare).click()
    await page().locator('.sheet .chart circle').first().waitFor()
    expect(await serious()).toEqual([])
  })
})
