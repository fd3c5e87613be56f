import { describe, expect, test } from 'vitest'
import { hasBrowser } from './browser.ts'
import { texts, usePage } from './use-page.ts'

const override = '\u202E'
const hostile = {
  script: `<script>globalThis.harmed = 'script'</script>\n\n<img src=x onerror="globalThis.harmed='image'">\n\n<style>body { display: none }</style>\n\n<iframe src="https://example.com"></iframe>`,
  links:
    '[one](javascript:globalThis.harmed=1) [two](java&#115;cript:globalThis.harmed=2) [three](data:text/html,<script>harmed=3</script>) ' +
    '[four](/docs) [five](vbscript:x) <javascript:globalThis.harmed=6> ![seven](javascript:harmed=7)\n\n[eight]: javascript:harmed\n\n[eight]',
  direction: `${override}txet desrever si siht ${override} and [${override}link](https://example.com)\n\nשלום עולם, this goes on.`,
  line: 'unbreakable'.repeat(9100),
  nesting: `${'> '.repeat(5000)}deep\n\n${'- '.repeat(5000)}deeper\n\n${'['.repeat(20_000)}`,
  delimiters: 'a_'.repeat(50_000),
  entities: '&lt;script&gt;globalThis.harmed=1&lt;/script&gt; &#0; &amp;lt;b&amp;gt;',
  empty: '   ',
}

describe.skipIf(!hasBrowser)('a hostile answer', () => {
  const { complaints, open, ask, page, policy, reward, overflow, best } = usePage()

  test.each(Object.entries(hostile))('%s is shown harmlessly', async (kind, text) => {
    await open({ viewport: { width: 1000, height: 800 } })
    // A critique and an advice may be as hostile as an answer.
    policy().behave({
      write: ({ n, messages }, index) =>
        n > 1 && messages.at(-1)?.content.includes('<answer>') === true
          ? `<answer>${text} ${index}</answer>`
          : `${text} ${index}`,
      deltaLength: 500,
    })
    reward().behave({ reward: (answer) => answer.length })
    await page().locator('.settings > summary').click()
    await page().getByLabel(texts.samples, { exact: true }).fill('2')
    await page().getByLabel(texts.iterations, { exact: true }).fill('1')
    await ask(`Be hostile: ${kind}.`)
    await expect
      .poll(() => page().evaluate(() => Reflect.get(globalThis, 'harmed')))
      .toBe(undefined)
    const shown = page().locator('.markdown, .diff')
    await expect
      .poll(() => shown.locator('script, style, img, iframe, object, form, svg').count())
      .toBe(0)
    const targets = await shown
      .locator('a')
      .evaluateAll((all) => all.map((one) => (one as HTMLAnchorElement).protocol))
    expect(targets.filter((protocol) => protocol !== 'https:')).toEqual([])
    expect(await overflow()).toBe(0)
    await expect.poll(() => page().locator('.run-bar .run-state').isVisible()).toBe(true)
    expect(complaints()).toEqual([])
  })

  test('what is written as HTML can be read as it was written', async () => {
    await open()
    policy().behave({ write: () => hostile.script })
    await page().locator('.settings > summary').click()
    await page().getByLabel(texts.modes.bon.name).check()
    await ask('Write HTML.')
    const text = (await best().locator('.markdown').textContent()) ?? ''
    for (const line of hostile.script.split('\n\n')) expect(text).toContain(line)
  })

  test('text that runs the other way stays in its own block', async () => {
    await open()
    policy().behave({ write: () => hostile.direction })
    await page().locator('.settings > summary').click()
    await page().getByLabel(texts.modes.bon.name).check()
    await ask('Turn around.')
    const blocks = best().locator('.markdown p')
    expect(
      await blocks.evaluateAll((all) => all.map((one) => getComputedStyle(one).unicodeBidi)),
    ).toEqual(['plaintext', 'plaintext'])
  })
})
