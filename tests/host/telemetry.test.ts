/** What OpenTelemetry costs a service that sends nothing: its API, and what counts for /metrics. */
import { expect, test } from 'vitest'
import { startApi } from '../api/api-process.ts'
import { cursorKey } from '../api/house.ts'
import { fixture } from '../inference/fixtures.ts'
import { startService } from '../inference/service-process.ts'

/** Writes the address of each module of OpenTelemetry that a process, or one of its own, loads. */
const telling = `
import { registerHooks } from 'node:module'
registerHooks({
  load(url, context, next) {
    if (url.includes('/@opentelemetry/')) process._rawDebug('loads ' + url)
    return next(url, context)
  },
})`

const services = {
  'reward service': (settings: Record<string, string>) =>
    startService('reward-service', fixture('tiny-reward-fp32'), settings),
  'local policy': (settings: Record<string, string>) =>
    startService('local-policy', fixture('tiny-policy-fp32'), settings),
  API: async (settings: Record<string, string>) => {
    const { said, stop } = await startApi({ ...settings, TPO_CURSOR_KEYS: cursorKey(1) })
    return { stderr: said, stop }
  },
}

async function loaded(name: keyof typeof services, settings: Record<string, string> = {}) {
  const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(telling)}`
  const service = await services[name]({ ...settings, TPO_THREADS: '1', NODE_OPTIONS })
  await service.stop()
  const packages = service.stderr().matchAll(/^loads .*(@opentelemetry\/[^/]+)/gm)
  return [...new Set([...packages].map(([, name]) => name))].sort()
}

test.each(['reward service', 'local policy', 'API'] as const)('the %s', async (name) => {
  expect(await loaded(name)).toEqual(
    ['api', 'core', 'resources', 'sdk-metrics', 'semantic-conventions'].map(
      (part) => `@opentelemetry/${part}`,
    ),
  )
  expect(await loaded(name, { OTEL_TRACES_EXPORTER: 'console' })).toContain(
    '@opentelemetry/sdk-node',
  )
})
