import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const executable = process.env['TPO_CHROMIUM'] ?? '/usr/bin/chromium'

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
