/** The Connect tab and the login, in a real browser in front of fake model servers. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { batch } from '../../clients/web/words/en/batch.ts'
import { compose } from '../../clients/web/words/en/compose.ts'
import { connect } from '../../clients/web/words/en/connect.ts'
import { connect as connectZh } from '../../clients/web/words/zh/connect.ts'
import { problems } from '../../clients/web/words/en/problems.ts'
import { problems as problemsZh } from '../../clients/web/words/zh/problems.ts'
import { run } from '../../clients/web/words/en/run.ts'
import { type FakeReward, startFakeReward } from '../fakes/fake-reward.ts'
import { type FakeVllm, startFakeVllm } from '../fakes/fake-vllm.ts'
import { type House, startHouse } from '../system/house.ts'
import { hasBrowser, openBrowser } from './browser.ts'

const words = { ...connect, ...compose }
const ownKey = 'sk-own-1234567890'
const apiKey = 'key-of-ana-1234'
const question = 'Write a short email'

describe.skipIf(!hasBrowser)('connecting', () => {
  let browser: Browser
  let policy: FakeVllm
  let own: FakeVllm
  let reward: FakeReward
  let house: House
  let page: Page
  let complaints: string[]

  beforeAll(async () => {
    ;[policy, own, reward, browser] = await Promise.all([
      startFakeVllm(),
      startFakeVllm({ model: 'own-8b', maxModelLen: 40_960 }),
      startFakeReward(),
      openBrowser(),
    ])
    house = await startHouse({
      TPO_POLICY_BASE_URL: policy.url,
      TPO_REWARD_BASE_URL: reward.url,
      TPO_ALLOWED_POLICY_URLS: own.url,
    })
  }, 60_000)
  afterAll(async () => {
    house.command.child.kill('SIGTERM')
    const servers = [policy, own, reward]
    await Promise.all([browser.close(), ...servers.map((one) => one.close()), house.command.exit])
  })
  beforeEach(() => {
    complaints = []
    policy.behave({})
    own.behave({ key: ownKey })
    reward.behave({})
  })
  afterEach(() => page.context().close())

  async function open(path: string, options: BrowserContextOptions = {}, at: House = house) {
    const context = await browser.newContext({ reducedMotion: 'reduce', ...options })
    page = await context.newPage()
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      // The browser itself notes every answer that is no success.
      const failed = message.text().startsWith('Failed to load resource')
      if (message.type() === 'error' && !failed) complaints.push(message.text())
    })
    page.on('request', (request) => {
      if (!request.url().startsWith(at.url)) complaints.push(`asked for ${request.url()}`)
    })
    await page.goto(`${at.url}/${path}`)
  }

  const hostOf = ({ url }: { url: string }) => new URL(url).host
  const card = (name: string) => page.getByRole('article', { name, exact: true })
  const button = (name: string) => page.getByRole('button', { name, exact: true })
  const state = (name: string, says: string) =>
    card(name).getByRole('status').getByText(says, { exact: true }).waitFor()
  const link = (says: string) =>
    page.getByRole('link', { name: new RegExp(`^Connect ?\\(${says}\\)$`) })
  const fact = (name: string, fact: string) =>
    card(name).locator('.facts div', { hasText: fact }).locator('dd').textContent()
  const overflow = () =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  const stored = (kind: 'localStorage' | 'sessionStorage') =>
    page.evaluate((kind) => JSON.stringify({ ...globalThis[kind] }), kind)
  async function addOwn(key = ownKey, url = own.url) {
    const address = page.getByLabel(words.address)
    if (!(await address.isVisible())) await page.getByText(words.add, { exact: true }).click()
    await address.fill(url)
    await page.getByLabel(words.endpointKey).fill(key)
    await button(words.save).click()
  }
  async function improve(says = run.done) {
    await page.getByRole('link', { name: 'Optimize' }).click()
    await page.getByLabel(words.question).fill(question)
    await button(words.improve).click()
    await page.locator('.run-state').getByText(says, { exact: true }).waitFor()
  }

  test('each server is shown as it is, beside the link and in full', async () => {
    await open('')
    await link(words.states.well).click()
    await state(hostOf(policy), words.states.well)
    await expect.poll(() => fact(hostOf(policy), words.reached)).toMatch(/^yes, in \d+ ms$/)
    await expect.poll(() => fact(hostOf(policy), words.key)).toBe(words.keyTaken)
    await expect.poll(() => fact(hostOf(policy), words.model)).toBe('fake-70b')
    await expect.poll(() => fact(hostOf(policy), words.context)).toBe('8,192 tokens')
    await state(hostOf(reward), words.states.well)
    await expect.poll(() => fact(hostOf(reward), words.loaded)).toBe('fake-reward')
    await expect.poll(() => fact(hostOf(reward), words.runsOn)).toBe('float32 · fake')
    expect(complaints).toEqual([])
  })

  test('what is wrong is said with what to do, in both languages, and a test looks again', async () => {
    policy.behave({ models: { status: 401, body: '{"error":"Unauthorized"}' } })
    reward.behave({ starts: true })
    await open('#/connect')
    const name = hostOf(policy)
    await state(name, words.states.trouble)
    await link(words.states.trouble).waitFor()
    const places = words.serverPlaces('policy')
    await card(name).getByText(problems.policy_refused, { exact: true }).waitFor()
    await card(name).getByText(words.advice.key(places), { exact: true }).waitFor()
    await expect.poll(() => fact(name, words.key)).toBe(words.keyRefused)
    const rewardName = hostOf(reward)
    await card(rewardName).getByText(problems.reward_error, { exact: true }).waitFor()

    await page.getByLabel('Language').selectOption('zh')
    await state(name, connectZh.states.trouble)
    await card(name).getByText(problemsZh.policy_refused, { exact: true }).waitFor()
    await card(name)
      .getByText(connectZh.advice.key(connectZh.serverPlaces('policy')), { exact: true })
      .waitFor()
    // The details are the API's, in English.
    await card(name).getByText(connectZh.detail).click()
    await card(name).locator('[lang=en]').getByText('TPO_POLICY_API_KEY').waitFor()

    policy.behave({})
    reward.behave({})
    await button(connectZh.testOf(name)).click()
    await state(name, connectZh.states.well)
    await state(rewardName, connectZh.states.well)
    expect(complaints).toEqual([])
  })

  test('a server that hangs, and an API that is gone, block nothing', async () => {
    policy.behave({ models: 'hang' })
    await open('#/connect')
    await page.getByRole('heading', { name: words.title }).waitFor()
    await state(hostOf(policy), words.states.trouble)
    await card(hostOf(policy)).getByText(problems.policy_timeout, { exact: true }).waitFor()
    await state(hostOf(reward), words.states.well)

    policy.behave({})
    await page.route('**/v1/backends*', (route) => route.abort('connectionrefused'))
    await button(words.testOf(hostOf(policy))).click()
    await card(hostOf(policy)).getByText('The API cannot be reached').waitFor()
    await improve()
    expect(complaints).toEqual([])
  })

  test('the models of the next runs are chosen from those that are served', async () => {
    await open('#/connect')
    const writes = page.getByLabel(words.writes)
    await writes.waitFor()
    await expect
      .poll(() => writes.locator('option').allTextContents())
      .toEqual([words.firstModel('fake-70b'), 'fake-70b'])
    await page.getByLabel(words.criticises).selectOption('fake-70b')
    await page.evaluate(() => {
      const models = { url: null, policy: 'fake-405b', critic: 'fake-70b' }
      localStorage.setItem('tpo.models', JSON.stringify(models))
    })
    await page.reload()
    await writes.waitFor()
    await expect.poll(() => writes.inputValue()).toBe('fake-405b')
    await improve(run.stopped)
    expect(policy.requests.map(({ model }) => model)).toEqual(['fake-405b'])
    await page.getByRole('alert').getByRole('link', { name: words.see }).click()
    await writes.selectOption('fake-70b')
    await improve()
    expect(new Set(policy.requests.slice(1).map(({ model }) => model))).toEqual(
      new Set(['fake-70b']),
    )
    expect(complaints).toEqual([])
  })

  test('an endpoint of my own: added, tested, used, kept in this browser only, removed', async () => {
    await open('#/connect')
    await addOwn('wrong-key-12345')
    await state(own.url, words.states.trouble)
    await card(own.url).getByText(words.advice.key(words.ownPlaces), { exact: true }).waitFor()
    await addOwn()
    await state(own.url, words.states.well)
    await expect.poll(() => card(own.url).textContent()).toContain(words.keyEnding('7890'))
    await expect.poll(() => page.content()).not.toContain(ownKey)
    await expect.poll(() => fact(own.url, words.context)).toBe('40,960 tokens')

    await card(own.url).getByLabel(words.use).check()
    await improve()
    expect(policy.requests).toEqual([])
    expect(new Set(own.requests.map(({ model }) => model))).toEqual(new Set(['own-8b']))
    await page.getByRole('link', { name: 'Batch' }).click()
    const buffer = Buffer.from(JSON.stringify(['First', 'Second']))
    const file = { name: 'two.json', mimeType: 'application/json', buffer }
    await page.locator('input[type=file]').setInputFiles(file)
    await button(batch.start(2)).click()
    await page.locator('.run-state', { hasText: batch.status.done }).waitFor()
    expect(policy.requests).toEqual([])
    expect(own.requests).toHaveLength(21)
    expect(new Set(own.keys.slice(-21))).toEqual(new Set([`Bearer ${ownKey}`]))

    await page.goto(`${house.url}/#/connect`)
    await page.reload()
    await state(own.url, words.states.well)
    await expect.poll(() => card(own.url).getByLabel(words.used).isChecked()).toBe(true)
    await button(words.removeOf(own.url)).click()
    await card(own.url).waitFor({ state: 'detached' })
    await expect.poll(() => stored('localStorage')).not.toContain(ownKey)
    await improve()
    expect(policy.requests).toHaveLength(7)
    expect(complaints).toEqual([])
  })

  test('an endpoint that is not allowed, and one that is no address', async () => {
    await open('#/connect')
    await addOwn(ownKey, policy.url)
    await card(policy.url).getByText(problems.url_not_allowed, { exact: true }).waitFor()
    const address = page.getByLabel(words.address)
    await address.fill('http://user@gpu:8000/v1')
    await button(words.save).click()
    await expect
      .poll(() => address.evaluate((input: HTMLInputElement) => input.validationMessage))
      .toBe(words.addressWrong)
    await expect.poll(() => card('http://user@gpu:8000/v1').count()).toBe(0)
    expect(complaints).toEqual([])
  })

  test('a phone shows all of it without scrolling sideways', async () => {
    policy.behave({ models: { status: 500, body: 'x'.repeat(400) } })
    await open('#/connect', {
      viewport: { width: 320, height: 640 },
      isMobile: true,
      hasTouch: true,
      locale: 'zh-CN',
    })
    await card(hostOf(policy)).getByText(connectZh.detail).tap()
    expect(await overflow()).toBe(0)
    await page.getByText(connectZh.add, { exact: true }).tap()
    expect(await overflow()).toBe(0)
  })

  describe('where the server asks for an API key', () => {
    let keyed: House
    beforeAll(async () => {
      keyed = await startHouse({
        TPO_POLICY_BASE_URL: policy.url,
        TPO_REWARD_BASE_URL: reward.url,
        TPO_API_KEYS: `ana:${apiKey}`,
      })
    }, 60_000)
    afterAll(async () => {
      keyed.command.child.kill('SIGTERM')
      await keyed.command.exit
    })
    const dialog = () => page.getByRole('dialog', { name: words.loginTitle })
    const logIn = async (key: string) => {
      await dialog().getByLabel(words.apiKey).fill(key)
      await page.keyboard.press('Enter')
    }

    test('what needed it goes on after the login; nobody is asked before', async () => {
      await open('', {}, keyed)
      await button(words.login).waitFor()
      await expect.poll(() => dialog().isVisible()).toBe(false)
      await page.getByLabel(words.question).fill(question)
      await button(words.improve).click()
      await dialog().waitFor()
      for (const wrong of ['another', 'schlüssel', 'two words']) {
        await logIn(wrong)
        await dialog().getByRole('alert').getByText(words.wrongKey).waitFor()
      }
      await logIn(apiKey)
      await page.locator('.run-state').getByText(run.done, { exact: true }).waitFor()
      await expect.poll(() => dialog().isVisible()).toBe(false)
      await button(words.login).waitFor({ state: 'detached' })
      // Not remembered: it is gone with the tab.
      await expect.poll(() => stored('sessionStorage')).toContain(apiKey)
      await expect.poll(() => stored('localStorage')).not.toContain(apiKey)
      expect(complaints).toEqual([])
    })

    test('remembered until the logout; without it, the page works on', async () => {
      await open('#/connect', {}, keyed)
      await page.getByRole('main').getByText(words.loggedOut).waitFor()
      await button(words.testOf(words.policy)).click()
      await dialog().waitFor()
      await page.keyboard.press('Escape')
      await state(words.policy, words.states.login)

      await button(words.testOf(words.policy)).click()
      await dialog().getByLabel(words.remember).check()
      await logIn(apiKey)
      await state(hostOf(policy), words.states.well)
      await expect.poll(() => stored('localStorage')).toContain(apiKey)
      await expect.poll(() => stored('sessionStorage')).not.toContain(apiKey)
      await page.reload()
      await state(hostOf(policy), words.states.well)
      // This server allows no policies by address.
      await page.getByText(words.urlsOff).waitFor()

      await button(words.logout).click()
      await page.getByRole('main').getByText(words.loggedOut).waitFor()
      await expect.poll(() => stored('localStorage')).not.toContain(apiKey)
      await improve(run.starting)
      await button(words.notNow).click()
      await page.getByRole('alert').getByText('unauthorized').waitFor()
      await button(run.tryAgain).click()
      await logIn(apiKey)
      await page.locator('.run-state').getByText(run.done, { exact: true }).waitFor()
      expect(complaints).toEqual([])
    })

    test('a login that cannot be checked says so', async () => {
      await open('#/connect', { locale: 'zh-CN' }, keyed)
      const said = page.getByRole('dialog', { name: connectZh.loginTitle })
      await page.getByRole('main').getByRole('button', { name: connectZh.login }).click()
      await page.route('**/v1/backends', (route) => route.abort('connectionrefused'))
      await said.getByLabel(connectZh.apiKey).fill(apiKey)
      await page.keyboard.press('Enter')
      await said.getByRole('alert').getByText('无法连接 API').waitFor()
      await page.unroute('**/v1/backends')
      await page.keyboard.press('Enter')
      await said.waitFor({ state: 'hidden' })
      await page.getByText(connectZh.loggedIn).waitFor()
      expect(complaints).toEqual([])
    })
  })
})
