import type { Settings } from '../shared/settings.ts'
import type { RewardModelOptions } from './load.ts'

/** How the settings want the reward model. */
export const optionsOf = (settings: Settings): RewardModelOptions => ({
  pooling: settings.reward_pooling,
  label: settings.reward_label,
  chatTemplate: settings.reward_chat_template,
  threads: settings.threads,
  devices: settings.reward_devices,
  dtype: settings.reward_dtype,
  batchTokens: settings.reward_batch_tokens,
  exact: settings.reward_exact,
  log: (line) => console.error(`tpo: ${line}`),
})
