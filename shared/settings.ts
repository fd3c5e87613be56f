/**
 * Every setting there is, in one schema. The key `policy_base_url` is the flag
 * `--policy-base-url`, the environment variable `TPO_POLICY_BASE_URL` and the `config.yaml` key
 * `policy_base_url`; a flag beats the environment, which beats the file, which beats the default.
 */
import { z } from 'zod'
import { AllowedPolicyUrl } from './policy-url.ts'

const port = z.coerce.number().int().min(0).max(65535)
const seconds = z.coerce.number().positive().max(86_400)
const url = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' })
/** It travels in a header; what a header refuses would be quoted by the error. */
const apiKey = z
  .string()
  .trim()
  .regex(/^[\x21-\x7e]+$/, { error: 'must be one word of ASCII characters' })
const list = z
  .union([z.array(z.string()), z.string().transform((text) => text.split(','))])
  .transform((items) => items.map((item) => item.trim()).filter((item) => item !== ''))

export const Settings = z
  .object({
    policy_base_url: url
      .optional()
      .describe(
        'OpenAI-compatible server, such as http://gpu:8000/v1; the bundled local policy if left out',
      ),
    policy_api_key: apiKey.optional().describe('Its API key'),
    policy_model: z
      .string()
      .optional()
      .describe('The model to ask it for; its first one if left out'),
    allowed_policy_urls: list
      .pipe(z.array(AllowedPolicyUrl))
      .default([])
      .describe(
        'Other policies that callers may name by address, with keys of their own: each an address and all below it; * is any',
      ),
    policy_timeout_seconds: seconds
      .default(600)
      .describe('Longest wait for one model call, its retries included'),
    reward_base_url: url
      .optional()
      .describe('A reward server that runs elsewhere; the bundled one if left out'),
    reward_api: z
      .enum(['tpo', 'vllm', 'sglang', 'tei', 'openrlhf'])
      .default('tpo')
      .describe('What that server speaks: tpo (a reward service), vllm, sglang, tei or openrlhf'),
    reward_api_key: apiKey.optional().describe('Its API key'),
    reward_model: z
      .string()
      .optional()
      .describe(
        'Reward model: a folder, or org/name[@revision] of the Hugging Face hub; the bundled nano-reward if left out',
      ),
    reward_pooling: z
      .enum(['hf', 'last', 'mask'])
      .default('hf')
      .describe(
        'Token whose logit is the reward: hf is the last that is not padding, as in transformers; last and mask are the last one',
      ),
    reward_label: z
      .string()
      .optional()
      .describe(
        'Label whose logit is the reward, where the model has several: a name, an index, or two with a - between for their difference',
      ),
    reward_chat_template: z
      .string()
      .optional()
      .describe(
        'Chat template of the reward model (Jinja): a file, or the template itself; the one in its folder if left out; reward_api sglang needs it',
      ),
    reward_devices: list
      .default(['auto'])
      .describe(
        'Where the reward model runs: auto, cpu, cuda:0,cuda:1, webgpu, dml:0 (Windows) or coreml (macOS)',
      ),
    reward_dtype: z
      .enum(['auto', 'float32', 'bfloat16', 'float16'])
      .default('auto')
      .describe('Type it computes in; auto is that of the files on CUDA, float32 elsewhere'),
    reward_batch_tokens: z.coerce
      .number()
      .int()
      .min(1)
      .optional()
      .describe('Tokens of one forward pass; 4096 on a CPU and 16384 on a GPU if left out'),
    reward_exact: z
      .union([z.boolean(), z.stringbool()])
      .default(false)
      .describe('One sequence per forward pass: a GPU then gives it the same bits at any load'),
    reward_timeout_seconds: seconds.default(120).describe('Longest wait for one group of rewards'),
    local_policy_model: z
      .string()
      .optional()
      .describe(
        'Causal model: a folder, or org/name[@revision] of the Hugging Face hub; the bundled nano-policy if left out',
      ),
    prompts: z
      .string()
      .optional()
      .describe(
        'Prompts of all runs that bring none of their own: a JSON file, or the JSON itself; built-in ones for what it leaves out',
      ),
    host: z
      .string()
      .default('127.0.0.1')
      .describe('Where to listen; another than loopback needs api_keys'),
    api_port: port.default(7860).describe('API and page; 0 takes any free port'),
    reward_port: port.default(7861).describe('Reward service'),
    local_policy_port: port.default(7862).describe('Local policy'),
    worker_port: port.default(7863).describe('Health and metrics of `npm run worker`'),
    api_keys: list
      .default([])
      .describe('Keys that callers must show, separated by commas; each may be name:key'),
    key_concurrency: z.coerce
      .number()
      .int()
      .min(1)
      .max(1_000_000)
      .default(256)
      .describe(
        'Requests that the callers of one key (or name) may have under way in one process; those without keys share one count',
      ),
    allowed_origins: list.default([]).describe('Origins of other pages that may call the API'),
    cursor_keys: list
      .default([])
      .describe('Cursor keys, the first one writes; 32 bytes each in base64url'),
    cursor_days: z.coerce
      .number()
      .positive()
      .max(3650)
      .default(30)
      .describe('How long a cursor lives'),
    replay_url: z
      .url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// address' })
      .optional()
      .describe(
        'Redis that several API processes share, so that no step is paid twice; memory if left out',
      ),
    replay_megabytes: z.coerce
      .number()
      .positive()
      .max(65_536)
      .default(64)
      .describe('What stored answers may take in memory'),
    replay_hours: z.coerce
      .number()
      .min(24)
      .max(87_600)
      .default(24)
      .describe('How long an answer is kept; an Idempotency-Key lives 24 hours'),
    queue_url: z
      .url({ protocol: /^rediss?$/, error: 'must be a redis:// or rediss:// address' })
      .optional()
      .describe('Redis that keeps jobs, which `npm run worker` works on; no jobs if left out'),
    job_concurrency: z.coerce
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(8)
      .describe(
        'Questions of jobs under way at a time: of one worker process, and on Workers of all jobs',
      ),
    job_days: z.coerce
      .number()
      .positive()
      .max(3650)
      .default(30)
      .describe('How long a job and its results are kept'),
    log: z
      .enum(['error', 'info'])
      .default('error')
      .describe('What is written on stderr: faults only, or a line for each request and step too'),
    data_dir: z.string().default('.data').describe('Where generated keys are kept'),
    threads: z.coerce
      .number()
      .int()
      .min(1)
      .max(1024)
      .optional()
      .describe('CPU threads of each model'),
  })
  .strict()
export type Settings = z.output<typeof Settings>
export type SettingKey = keyof Settings

export const settingKeys = Object.keys(Settings.shape) as SettingKey[]
export const flagName = (key: string) => `--${key.replaceAll('_', '-')}`
export const environmentName = (key: string) => `TPO_${key.toUpperCase()}`

/** A setting that is wrong, in one line that names where it came from. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

type Values = Readonly<Record<string, unknown>>

export interface SettingsSources {
  /** By setting key. */
  flags?: Values
  /** By variable name; only `TPO_…` is read. */
  environment?: Values
  /** A parsed config.yaml: our keys, or the `vllm` and `tpo` blocks of the reference's page. */
  file?: Values
}

/** Merges the sources by precedence. Throws a `SettingsError` that names the first wrong value. */
export function resolveSettings(sources: SettingsSources): Settings {
  const file = fromFile(sources.file ?? {})
  const merged: Record<string, unknown> = {}
  const origin = new Map<string, string>()
  const put = (key: string, value: unknown, name: string) => {
    if (value === undefined || value === null || value === '') return
    merged[key] = value
    origin.set(key, name)
  }
  for (const [key, value] of Object.entries(file)) put(key, value, `config.yaml: ${key}`)
  for (const key of settingKeys) {
    put(key, sources.environment?.[environmentName(key)], environmentName(key))
    put(key, sources.flags?.[key], flagName(key))
  }
  const parsed = Settings.safeParse(merged)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  if (issue?.code === 'unrecognized_keys') {
    throw new SettingsError(`config.yaml: there is no setting named "${issue.keys[0]}"`)
  }
  const key = String(issue?.path[0])
  throw new SettingsError(`${origin.get(key) ?? key}: ${issue?.message}`)
}

const ReferenceFile = z.object({
  vllm: z
    .object({
      api_key: z.string().nullish(),
      model_path: z.string().nullish(),
      port: port.nullish(),
    })
    .nullish(),
  tpo: z
    .object({
      ip: z.string().nullish(),
      port: port.nullish(),
      server_model: z.string().nullish(),
      reward_model: z.string().nullish(),
    })
    .nullish(),
})

/** Our keys as they are; the reference's blocks translated (its run settings belong to a run). */
function fromFile(file: Values): Values {
  const { vllm, tpo, ...own } = file
  if (vllm === undefined && tpo === undefined) return own
  const parsed = ReferenceFile.safeParse({ vllm, tpo })
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new SettingsError(`config.yaml: ${issue?.path.join('.')}: ${issue?.message}`)
  }
  const reference = parsed.data
  const servedPort = reference.tpo?.port ?? reference.vllm?.port
  const ip = reference.tpo?.ip ?? '127.0.0.1'
  return {
    policy_base_url: servedPort ? `http://${ip}:${servedPort}/v1` : undefined,
    policy_api_key: reference.vllm?.api_key,
    policy_model: reference.tpo?.server_model ?? reference.vllm?.model_path,
    reward_model: reference.tpo?.reward_model,
    ...own,
  }
}
