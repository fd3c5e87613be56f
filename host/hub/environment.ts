/** The variables by which every Hugging Face tool finds its hub, its token and its cache. */
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { getHFHubCachePath } from '@huggingface/hub'
import { z } from 'zod'
import { StartError } from '../entry.ts'

export interface Hub {
  /** Address without a slash at the end. */
  endpoint: string
  token: string | undefined
  /** Absolute path of the folder that holds `models--…`. */
  cache: string
  /** Only the cache is used. */
  offline: boolean
  /** How long a silent server is waited for, in milliseconds. */
  patience: number
}

const Address = z
  .url({ protocol: /^https?$/ })
  .refine((text) => new URL(text).username === '' && new URL(text).password === '')
const Token = z.string().regex(/^[\x21-\x7e]+$/)
const Seconds = z.coerce.number().positive().max(3600)

const isOn = (value: string | undefined) => /^(1|on|yes|true)$/i.test(value ?? '')

/** Reads this process's environment. Throws a `StartError` that names the wrong variable, never its value. */
export function readHub(): Hub {
  const { HF_ENDPOINT, HF_HUB_OFFLINE, HF_HUB_DOWNLOAD_TIMEOUT } = process.env
  const endpoint = Address.safeParse(HF_ENDPOINT || 'https://huggingface.co')
  if (!endpoint.success) {
    throw new StartError('HF_ENDPOINT must be an http:// or https:// address without a password')
  }
  const seconds = Seconds.safeParse(HF_HUB_DOWNLOAD_TIMEOUT || 10)
  if (!seconds.success) {
    throw new StartError('HF_HUB_DOWNLOAD_TIMEOUT must be a number of seconds up to 3600')
  }
  return {
    endpoint: endpoint.data.replace(/\/+$/, ''),
    token: readToken(),
    cache: resolve(getHFHubCachePath()),
    offline: isOn(HF_HUB_OFFLINE),
    patience: seconds.data * 1000,
  }
}

function readToken(): string | undefined {
  const text = (process.env['HF_TOKEN'] || tokenFile()).trim()
  if (text === '') return undefined
  const token = Token.safeParse(text)
  if (token.success) return token.data
  throw new StartError('HF_TOKEN holds characters that no token has; copy it from the hub again')
}

/** What `hf auth login` has left; empty where it has not been used. */
function tokenFile(): string {
  const { HF_TOKEN_PATH, HF_HOME, XDG_CACHE_HOME } = process.env
  const home = HF_HOME ?? join(XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'huggingface')
  try {
    return readFileSync(HF_TOKEN_PATH ?? join(home, 'token'), 'utf8')
  } catch {
    return ''
  }
}
