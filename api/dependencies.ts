import type { Settings } from '../shared/settings.ts'
import type { Log } from '../shared/telemetry/log.ts'
import type { AppDeps } from './app.ts'
import { createCursors } from './cursor/cursor.ts'
import { type CursorNatives, webNatives } from './cursor/natives.ts'
import { createPolicies } from './policy/policies.ts'
import { configuredPack } from './prompts/pack.ts'
import { createReplay } from './replay/replay.ts'
import type { ReplayStore } from './replay/store.ts'
import { createReward } from './reward/client.ts'
import { observedReplay } from './telemetry/replay.ts'
import { createTenants } from './tenant.ts'

export interface RuntimeParts {
  cursorKeys: readonly string[]
  /** What cursors are made with, where the runtime has better than the web's. */
  natives?: CursorNatives
  store: ReplayStore
  /** Whether requests may wait for each other in this process. */
  shared: boolean
  /** How many connections a request may be opening at a time, where the runtime has a limit. */
  connections?: number
  log: Log
}

/** The parts of the app as the settings ask for them, on a real clock. Throws a `SettingsError`. */
export function dependencies(
  settings: Settings,
  { cursorKeys, natives = webNatives, store, shared, connections, log }: RuntimeParts,
): AppDeps {
  const clock = Date.now
  return {
    policies: createPolicies({
      baseUrl: settings.policy_base_url ?? `http://127.0.0.1:${settings.local_policy_port}/v1`,
      apiKey: settings.policy_api_key,
      model: settings.policy_model,
      allowedUrls: settings.allowed_policy_urls,
      timeoutSeconds: settings.policy_timeout_seconds,
      connections,
      clock,
    }),
    reward: createReward({
      baseUrl: settings.reward_base_url ?? `http://127.0.0.1:${settings.reward_port}`,
      api: settings.reward_api,
      apiKey: settings.reward_api_key,
      chatTemplate: settings.reward_chat_template,
      timeoutSeconds: settings.reward_timeout_seconds,
      connections,
      clock,
    }),
    cursors: createCursors({ keys: cursorKeys, days: settings.cursor_days, clock, natives }),
    tenantOf: createTenants(settings.api_keys),
    keyConcurrency: settings.key_concurrency,
    replay: observedReplay(
      createReplay({ store, lifetime: settings.replay_hours * 3_600_000, log, shared }),
      log,
    ),
    pack: configuredPack(settings.prompts),
    newId: () => crypto.randomUUID(),
    scoresEarly: connections === undefined,
    clock,
    log,
  }
}
