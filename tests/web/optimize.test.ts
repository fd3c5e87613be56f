import { describe, expect, test } from 'vitest'
import { formatCost } from '../../clients/common/format.ts'
import { compose } from '../../clients/web/words/en/compose.ts'
import { compose as zh } from '../../clients/web/words/zh/compose.ts'
import { TpoClient } from '../../shared/client.ts'
import { hasBrowser } from './browser.ts'
import { texts, usePage } from './use-page.ts'

const question = 'What is a good answer?'

describe.skipIf(!hasBrowser)('asking', () => {
  const { complaints, open, ask, button, page, policy, state, url } = usePage()
  const fold = (title: string) => page().locator('summary', { hasText: title }).click()
  const started = () => page().waitForRequest((request) => request.url().endsWith('/v1/tpo/start'))

  test('every setting goes into the request, and this browser keeps it', async () => {
    await open()
    await fold(texts.settings)
    const set = (label: string, value: string, at = 0) =>
      page().getByLabel(label, { exact: true }).nth(at).fill(value)
    await set(texts.samples, '3')
    await set(texts.iterations, '4')
    await set(texts.seed, '11')
    await set(texts.temperature, '1.25')
    await set(texts.topP, '0.5')
    await set(texts.maxTokens, '300')
    await fold(texts.system)
    await page().getByLabel(texts.systemLabel).fill('You are brief.')
    await fold(texts.stops)
    const least = page().getByLabel(texts.minImprovement, { exact: true })
    await expect.poll(() => least.isDisabled()).toBe(true)
    await set(texts.plateau, '1')
    await set(texts.minImprovement, '0.5')
    await set(texts.targetReward, '-100.5')
    await set(texts.minGap, '0.25')
    await set(texts.tokenBudget, '100000')
    await set(texts.deadline, '90.5')
    await fold(texts.critic)
    await set(texts.temperature, '0.1', 1)
    await set(texts.topP, '0.9', 1)
    await set(texts.maxTokens, '400', 1)

    await page().reload()
    const request = started()
    await ask(question)
    expect((await request).postDataJSON()).toMatchObject({
      messages: [
        { role: 'system', content: 'You are brief.' },
        { role: 'user', content: question },
      ],
      mode: 'tpo',
      samples: 3,
      iterations: 4,
      seed: 11,
      policy: { temperature: 1.25, top_p: 0.5, max_tokens: 300 },
      critic: { temperature: 0.1, top_p: 0.9, max_tokens: 400 },
      stop: {
        plateau: 1,
        min_improvement: 0.5,
        target_reward: -100.5,
        min_gap: 0.25,
        token_budget: 100_000,
        deadline: 90.5,
      },
    })
    await state(`${texts.done} · ${texts.stopReasons.target_reward}`)
    await fold(texts.settings)
    await button(texts.reset).click()
    await expect
      .poll(() => page().getByLabel(texts.samples, { exact: true }).inputValue())
      .toBe('5')
    expect(complaints()).toEqual([])
  })

  test('a wrong field says what it has to be, in the language of the page, and sends nothing', async () => {
    await open({ locale: 'zh-CN' })
    let starts = 0
    page().on('request', (request) => {
      if (request.url().endsWith('/v1/tpo/start')) starts += 1
    })
    await page().getByLabel(zh.question).fill(question)
    await fold(zh.settings)
    await fold(zh.stops)
    const deadline = page().getByLabel(zh.deadline, { exact: true })
    await deadline.fill('0')
    const wrong = zh.wrong({ min: 0.1, max: 86_400, decimal: true })
    await page().getByText(wrong).waitFor()
    await expect.poll(() => deadline.getAttribute('aria-invalid')).toBe('true')
    await expect
      .poll(() => deadline.evaluate((input: HTMLInputElement) => input.validationMessage))
      .toBe(wrong)
    await fold(zh.settings)
    await button(zh.improve).click()
    await expect.poll(() => deadline.evaluate((input) => input.matches(':focus'))).toBe(true)
    expect(starts).toBe(0)
    await deadline.fill('')
    await expect.poll(() => page().getByText(wrong).count()).toBe(0)
  })

  test('a conversation is asked as one, and its answer can be asked about', async () => {
    await open()
    await button(texts.addEarlier).click()
    await page().getByLabel(texts.turn(1), { exact: true }).fill('Who are you?')
    await page().getByLabel(texts.turn(2), { exact: true }).fill('A model.')
    await button(texts.addTurn).click()
    await button(texts.removeTurn(3)).click()
    await button(texts.addTurn).click()
    await ask(question)
    const before = [
      { role: 'user', content: 'Who are you?' },
      { role: 'assistant', content: 'A model.' },
      { role: 'user', content: question },
    ]
    expect(policy().requests[0]?.messages).toEqual(before)
    const answer = (await page().locator('.result.is-best .markdown').textContent()) ?? ''

    await button(texts.followUp).click()
    policy().behave({})
    await ask('And why?')
    expect(policy().requests[0]?.messages).toEqual([
      ...before,
      { role: 'assistant', content: answer },
      { role: 'user', content: 'And why?' },
    ])
  })

  test('the estimate comes by itself, and its failure keeps nobody from asking', async () => {
    await open()
    const estimate = page().locator('.estimate')
    await page().getByLabel(texts.question).fill(question)
    await estimate.getByText('About 7 model calls').waitFor()
    await fold(texts.settings)
    await page().getByLabel(texts.iterations).fill('3')
    await estimate.getByText('About 10 model calls').waitFor()

    await page().route('**/v1/tpo/estimate', (route) => route.fulfill({ status: 500 }))
    await page().getByLabel(texts.iterations).fill('1')
    await estimate.waitFor({ state: 'detached' })
    await button(texts.improve).click()
    await state(texts.done)
    await expect.poll(() => page().getByRole('alert').count()).toBe(0)
  })

  test('what a run costs is shown where prices are known', async () => {
    await open()
    await fold(texts.settings)
    await fold(texts.prices)
    await page().getByLabel(compose.promptPrice).fill('2000')
    await page().getByLabel(compose.completionPrice).fill('8000')
    await ask(question)
    const { run } = await new TpoClient({ baseUrl: url() }).run({ query: question })
    const { prompt_tokens, completion_tokens } = run.usage
    const cost = (prompt_tokens * 2000 + completion_tokens * 8000) / 1e6
    const bar = page().locator('.run-bar .spent')
    await expect.poll(() => bar.textContent()).toContain(`${formatCost(cost)}${texts.cost}`)
  })
})
