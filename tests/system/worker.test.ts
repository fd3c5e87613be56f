/** The Worker with its page, as wrangler.toml describes it: Cloudflare's own handling of static files. */
import { readdirSync } from 'node:fs'
import { createTestHarness, type TestHarness } from 'wrangler'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildPage } from '../../host/page.ts'
import { cursorKey } from '../api/house.ts'
import { dryRun } from '../fixtures/worker-bundle.ts'

let server: TestHarness
let url: URL
beforeAll(async () => {
  await buildPage()
  server = createTestHarness({
    workers: [
      {
        configPath: './wrangler.toml',
        vars: {
          TPO_POLICY_BASE_URL: 'http://127.0.0.1:9/v1',
          TPO_REWARD_BASE_URL: 'http://127.0.0.1:9',
        },
        secrets: { TPO_CURSOR_KEYS: cursorKey(1) },
      },
    ],
  })
  ;({ url } = await server.listen())
})
afterAll(() => server?.close())

const get = (path: string) => fetch(new URL(path, url))

const guarded = [
  'content-security-policy',
  'cross-origin-opener-policy',
  'cross-origin-resource-policy',
  'referrer-policy',
  'strict-transport-security',
  'x-content-type-options',
  'x-frame-options',
]
const headersOf = ({ headers }: Response) => guarded.map((name) => [name, headers.get(name)])

test('page, files, documentation and answers tell browsers the same', async () => {
  const answer = await get('/healthz')
  expect(headersOf(answer)).toEqual([
    [
      'content-security-policy',
      expect.stringMatching(/^default-src 'self';.*frame-ancestors 'none'/),
    ],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cross-origin-resource-policy', 'same-origin'],
    ['referrer-policy', 'no-referrer'],
    ['strict-transport-security', expect.stringContaining('max-age=')],
    ['x-content-type-options', 'nosniff'],
    ['x-frame-options', 'DENY'],
  ])
  const page = await get('/')
  const html = await page.text()
  expect(html).toContain('<title>')
  const script = /src="\.?(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? ''
  for (const path of ['/', script, '/docs', '/docs/init.js', '/docs/swagger-ui.css', '/nothing']) {
    const response = await get(path)
    expect(response.status, path).toBe(path === '/nothing' ? 404 : 200)
    expect(headersOf(response), path).toEqual(headersOf(answer))
  }
})

test('the documentation is that of the app', async () => {
  expect(await (await get('/docs')).text()).toContain('/docs/swagger-ui-bundle.js')
  expect(await (await get('/openapi.json')).json()).toMatchObject({ openapi: '3.1.0' })
})

test('wrangler deploy finds all it needs: the page, its headers, what answers and jobs are kept in', async () => {
  const said = await dryRun()
  expect(said).toMatch(/Read \d+ files from the assets directory/)
  for (const binding of [
    'env.REPLAY (ReplayObject)',
    'env.JOB_QUEUE (JobQueue)',
    'env.JOB_QUESTIONS (QuestionWorkflow)',
    'env.JOB_RESULTS (tpo-job-results)',
  ]) {
    expect(said).toContain(binding)
  }
  expect(said).toContain('--dry-run: exiting now.')
  const files = readdirSync('clients/web/dist')
  expect(files).toEqual(expect.arrayContaining(['_headers', 'assets', 'docs', 'index.html']))
})
