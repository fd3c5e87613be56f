import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { devNull } from 'node:os'
import { Readiness } from '../shared/tpo.ts'
import type { Settings } from '../shared/settings.ts'
import { drainTime } from './drain.ts'
import { StartError } from './entry.ts'
import { isLoopback } from './guard.ts'
import { codeFile } from './package-root.ts'
import { buildPage } from './page.ts'
import { freePort, type Place, type PortKey } from './port.ts'
import { toEnvironment } from './settings.ts'
import { telemetryFlags } from './telemetry.ts'
import { onStopSignals } from './signals.ts'
import { banner } from './banner.ts'

interface Service {
  place: Place
  entry: string
  settings: Settings
}

const service = (name: string, entry: string, portKey: PortKey, settings: Settings): Service => ({
  place: { name, hostname: settings.host, port: settings[portKey], portKey },
  entry,
  settings,
})

/** The services this machine runs: those whose address is not set to a server elsewhere. */
function services(settings: Settings): Service[] {
  // The models' services are the API's own: only it is reached from outside.
  const inner: Settings = { ...settings, host: '127.0.0.1', api_keys: [], allowed_origins: [] }
  const { policy_base_url, queue_url, reward_base_url } = settings
  const policy = service('local policy', 'local-policy/server', 'local_policy_port', inner)
  const reward = service('reward service', 'reward-service/server', 'reward_port', inner)
  return [
    ...(policy_base_url === undefined ? [policy] : []),
    ...(reward_base_url === undefined ? [reward] : []),
    service('API', 'api/node', 'api_port', settings),
    ...(queue_url === undefined
      ? []
      : [service('worker', 'api/queue-worker', 'worker_port', inner)]),
  ]
}

/**
 * Starts every service, waits until all are ready, says so, and stops all when one ends. `page`
 * says whether a person will open the API's page, which is then built first where it is not.
 */
export async function supervise(wanted: Settings, { page }: { page: boolean }): Promise<void> {
  const began = performance.now()
  const children = new Map<ChildProcess, Service>()
  const stopped = Promise.withResolvers<undefined>()
  let stopping = false
  const stop = () => {
    stopping = true
    stopped.resolve(undefined)
  }
  onStopSignals(stop, () => {
    for (const child of children.keys()) child.kill('SIGKILL')
    process.exit(1)
  })
  stopWithNpm(stop)
  process.on('disconnect', stop)

  const settings = { ...wanted }
  for (const { place } of services(wanted)) settings[place.portKey] = await freePort(place)
  if (page) await buildPage()
  if (stopping) return
  const ended = Promise.withResolvers<{ service: Service; code: number }>()
  for (const service of services(settings)) {
    const child = launch(service)
    children.set(child, service)
    child.once('exit', (code) => {
      children.delete(child)
      ended.resolve({ service, code: code ?? 1 })
    })
  }
  const ready = Promise.all([...children.keys()].map((child) => once(child, 'message')))
  const first = await Promise.race([ready, ended.promise, stopped.promise])
  if (Array.isArray(first)) {
    const url = reachable(settings)
    const seconds = (performance.now() - began) / 1000
    console.log(banner({ url, seconds, troubles: await degradation(url), settings }))
    process.send?.(url)
  }
  const failure = await Promise.race([ended.promise, stopped.promise])
  await endAll(children)
  // The channel to the process that started this one, where there is one, would keep it running.
  if (process.connected) process.disconnect()
  if (failure === undefined) return
  // A service that cannot start has said why in one line of its own.
  if (!Array.isArray(first)) process.exit(failure.code || 1)
  throw new StartError(
    `the ${failure.service.place.name} ended (exit code ${failure.code}); all stopped`,
  )
}

function launch(service: Service): ChildProcess {
  // Its settings are whole in its environment: a config.yaml here has been read, and what of it is
  // not for the inner services must not come back. The channel tells the child when this process
  // is gone, however it went. Detached, it does not hear a Ctrl-C, and ends when it is its turn.
  const flags = telemetryFlags()
  return spawn(process.execPath, [...flags, codeFile(service.entry), '--config', devNull], {
    env: { ...process.env, ...toEnvironment(service.settings) },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    detached: process.platform !== 'win32',
  })
}

/** Where this machine reaches the API; on all interfaces that is loopback too. */
function reachable({ host, api_port }: Settings): string {
  const name = isLoopback(host) || host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${name}:${api_port}`
}

/** What the API itself says of its backends, where one is not well. */
async function degradation(url: string): Promise<string[]> {
  const response = await fetch(`${url}/readyz`).catch(() => undefined)
  const answer = Readiness.safeParse(await response?.json())
  if (!answer.success) return []
  return [answer.data.policy, answer.data.reward].filter((b) => !b.ok).map((b) => b.detail)
}

/** npm ends on a signal without passing it on: we stop when it is gone. */
function stopWithNpm(stop: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && stop(), 500).unref()
}

/** The API and the worker first: what they still do may ask the others. */
async function endAll(children: ReadonlyMap<ChildProcess, Service>): Promise<void> {
  const all = [...children.keys()]
  const asking = new Set<PortKey | undefined>(['api_port', 'worker_port'])
  const asks = (child: ChildProcess) => asking.has(children.get(child)?.place.portKey)
  const ended = new Map(all.map((child) => [child, once(child, 'exit')]))
  const timer = setTimeout(() => all.forEach((child) => child.kill('SIGKILL')), drainTime + 5000)
  for (const wave of [all.filter(asks), all.filter((child) => !asks(child))]) {
    for (const child of wave) child.kill('SIGTERM')
    await Promise.all(wave.map((child) => ended.get(child)))
  }
  clearTimeout(timer)
}
