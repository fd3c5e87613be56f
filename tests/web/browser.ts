import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

// Without the windows of a browser around it, a page takes less than half of the processor time.
const usual = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium']
const executable =
  process.env['TPO_CHROMIUM'] ?? usual.find((path) => existsSync(path)) ?? '/usr/bin/chromium'

/** Whether there is a Chromium to test the page with. */
export const hasBrowser = existsSync(executable)
if (!hasBrowser) {
  console.warn(`The page is not tested: there is no ${executable}; set TPO_CHROMIUM to a Chromium.`)
}

/** Chromium without a window, with an empty profile, that talks to nobody by itself. */
export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: executable,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
