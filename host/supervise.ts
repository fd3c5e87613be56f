import { type ChildProcess, spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { Readiness } from '../shared/tpo.ts'
import type { Settings } from '../shared/settings.ts'
import { StartError } from './entry.ts'
import { codeFile } from './package-root.ts'
import { buildPage } from './page.ts'
import { toEnvironment } from './settings.ts'
import { banner } from './banner.ts'

interface Service {
  name: string
  entry: string
  settings: Settings
  ready: string
}

/** The services this machine runs: those whose address is not set to a server elsewhere. */
function services(settings: Settings): Service[] {
  // The models' services are the API's own: only it is reached from outside.
  const inner: Settings = { ...settings, host: '127.0.0.1', api_keys: [], allowed_origins: [] }
  const all: Service[] = []
  if (settings.policy_base_url === undefined) {
    const ready = `http://127.0.0.1:${settings.local_policy_port}/readyz`
    all.push({ name: 'local policy', entry: 'local-policy/server', settings: inner, ready })
  }
  if (settings.reward_base_url === undefined) {
    const ready = `http://127.0.0.1:${settings.reward_port}/readyz`
    all.push({ name: 'reward service', entry: 'reward-service/server', settings: inner, ready })
  }
  const host = settings.host === '0.0.0.0' ? '127.0.0.1' : settings.host
  const ready = `http://${host}:${settings.api_port}/readyz`
  all.push({ name: 'API', entry: 'api/node', settings, ready })
  return all
}

/** Starts every service, waits until all are ready, says so, and stops all when one ends. */
export async function supervise(settings: Settings): Promise<void> {
  const began = performance.now()
  const children = new Map<ChildProcess, Service>()
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  // Not once: one Ctrl-C can come twice, from the terminal and from npm.
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)

  await buildPage()
  const ended = Promise.withResolvers<{ service: Service; code: number }>()
  for (const service of services(settings)) {
    const child = launch(service)
    children.set(child, service)
    child.once('exit', (code) => {
      children.delete(child)
      ended.resolve({ service, code: code ?? 1 })
    })
  }
  const stopped = new Promise<undefined>((resolve) => {
    stopping.signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
  const ready = Promise.all([...children.values()].map((s) => waitUntilReady(s, stopping.signal)))
  const first = await Promise.race([ready, ended.promise, stopped])
  if (Array.isArray(first)) {
    console.log(banner(settings, (performance.now() - began) / 1000, await degradation(settings)))
  }
  const failure = await Promise.race([ended.promise, stopped])
  stop()
  await endAll([...children.keys()])
  if (failure === undefined) return
  // A service that cannot start has said why in one line of its own.
  if (!Array.isArray(first)) process.exit(failure.code || 1)
  throw new StartError(`the ${failure.service.name} ended (exit code ${failure.code}); all stopped`)
}

function launch(service: Service): ChildProcess {
  // The channel tells the child when this process is gone, however it went.
  return spawn(process.execPath, [codeFile(service.entry)], {
    env: { ...process.env, ...toEnvironment(service.settings) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
}

async function waitUntilReady(service: Service, signal: AbortSignal): Promise<void> {
  for (;;) {
    if (signal.aborted) return
    const response = await fetch(service.ready, { signal }).catch(() => undefined)
    await response?.body?.cancel()
    if (response?.ok) return
    await delay(100)
  }
}

/** What the API itself says of its backends, where one is not well. */
async function degradation(settings: Settings): Promise<string[]> {
  const api = services(settings).at(-1)
  if (api === undefined) return []
  const response = await fetch(api.ready).catch(() => undefined)
  const answer = Readiness.safeParse(await response?.json())
  if (!answer.success) return []
  return [answer.data.policy, answer.data.reward].filter((b) => !b.ok).map((b) => b.detail)
}

async function endAll(children: ChildProcess[]): Promise<void> {
  const ends = children.map((child) => {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
    return ended.finally(() => clearTimeout(timer))
  })
  await Promise.all(ends)
}
