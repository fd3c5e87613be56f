/** What is made of a Worker's environment: its settings, and the parts of the app. */
import { resolveSettings, type Settings, SettingsError } from '../shared/settings.ts'
import { createLog, type Log } from '../shared/telemetry/log.ts'
import type { AppDeps } from './app.ts'
import { dependencies } from './dependencies.ts'
import { createObjectStore, isNamespace } from './replay/object-store.ts'
import { type Flush, startWorkerTelemetry } from './telemetry/worker.ts'

export type EdgeEnvironment = Readonly<Record<string, unknown>>

/**
 * Cloudflare lets a request have six connections that wait for the head of an answer; one stays
 * free for the Durable Object, without which a claim would be lost.
 */
export const connections = 5

export interface EdgeParts {
  settings: Settings
  deps: AppDeps
  flush: Flush | undefined
}

/** Throws a `SettingsError`. */
export function edgeSettings(environment: EdgeEnvironment): Settings {
  const settings = resolveSettings({ environment })
  const required = ['cursor_keys', 'policy_base_url', 'reward_base_url'] as const
  const missing = required.filter((key) => !settings[key]?.length)
  if (missing.length > 0) {
    const names = missing.map((key) => `TPO_${key.toUpperCase()}`).join(', ')
    throw new SettingsError(`this Worker needs ${names}; set them with \`wrangler secret put\``)
  }
  for (const key of ['replay_url', 'queue_url'] as const) {
    if (settings[key] === undefined) continue
    throw new SettingsError(
      `TPO_${key.toUpperCase()} is for Node; a Worker keeps answers and jobs in Durable Objects, so leave it out`,
    )
  }
  return settings
}

export const edgeLog = ({ log }: Settings): Log =>
  createLog({ level: log, human: false, write: (line) => console.log(line) })

const made = new WeakMap<EdgeEnvironment, EdgeParts>()

/** The parts of the app, made once for an environment. Throws a `SettingsError`. */
export function edgeParts(environment: EdgeEnvironment): EdgeParts {
  const known = made.get(environment)
  if (known !== undefined) return known
  const settings = edgeSettings(environment)
  const namespace = environment['REPLAY']
  if (!isNamespace(namespace)) {
    throw new SettingsError(
      'this Worker needs the Durable Object binding REPLAY; deploy it with our wrangler.toml',
    )
  }
  const store = createObjectStore(namespace)
  const log = edgeLog(settings)
  const runtime = { cursorKeys: settings.cursor_keys, store, shared: false, connections, log }
  const deps = dependencies(settings, runtime)
  const parts = { settings, deps, flush: startWorkerTelemetry(environment) }
  made.set(environment, parts)
  return parts
}
