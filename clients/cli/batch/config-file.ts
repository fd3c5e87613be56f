/** The settings of a run in the reference's config.yaml, as flags of `tpo batch`. */
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { parseConfig, usualConfigFile } from '../../../shared/config-file.ts'
import { maxTokens, runSeed, samples } from '../../../shared/sampling.ts'
import { Mode, StartRequest } from '../../../shared/tpo.ts'
import { PlainError } from '../failure.ts'

const text = z.string().min(1)

const block = {
  data_path: text.nullish(),
  server_model: text.nullish(),
  tpo_mode: Mode.nullish(),
  sample_size: samples.nullish(),
  max_iterations: StartRequest.shape.iterations.unwrap().nullish(),
  seed: runSeed.nullish(),
  max_tokens_response: maxTokens.nullish(),
  max_tokens_all: maxTokens.nullish(),
  num_threads: z.int().min(1).max(1000).nullish(),
}

const flags: Readonly<Record<keyof typeof block, string>> = {
  data_path: '--data-path',
  server_model: '--model',
  tpo_mode: '--mode',
  sample_size: '--samples',
  max_iterations: '--iterations',
  seed: '--seed',
  max_tokens_response: '--max-tokens',
  max_tokens_all: '--critic-max-tokens',
  num_threads: '--concurrency',
}

/** What the services read of the same block (shared/settings.ts). */
const services = new Set(['ip', 'port', 'reward_model'])

const TpoBlock = z.object({ tpo: z.looseObject(block).nullish() })

/**
 * The arguments of `tpo batch` after those that the `tpo` block of a config.yaml stands for: of the
 * file that `--config` names, or of the working folder's, where the services read theirs. What comes
 * later beats them. What was taken is told on standard error. Throws an error of one line that names
 * what is wrong in the file.
 */
export async function withConfigFile(args: readonly string[]): Promise<string[]> {
  if (args.includes('--help') || args.includes('-h')) return [...args]
  const named = configOf(args)
  const file = named ?? usualConfigFile
  const content = readConfig(file, named !== undefined)
  if (content === null) return [...args]
  const parsed = TpoBlock.safeParse(await parseConfig(content, file))
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new PlainError(`${file}: ${issue?.path.join('.')}: ${issue?.message}`)
  }
  const tpo = parsed.data.tpo ?? {}
  const own = Object.keys(block) as (keyof typeof block)[]
  const taken = own.flatMap((key) => {
    const value = tpo[key]
    return value === undefined || value === null ? [] : [flags[key], String(value)]
  })
  if (taken.length > 0) process.stderr.write(`${file} says ${taken.join(' ')}\n`)
  const unread = Object.keys(tpo).filter((key) => !(key in block) && !services.has(key))
  if (unread.length > 0) {
    process.stderr.write(`note: nothing reads ${unread.join(', ')} of tpo in ${file}\n`)
  }
  return [...taken, ...args]
}

function configOf(args: readonly string[]): string | undefined {
  const at = args.findLastIndex((arg) => arg === '--config' || arg.startsWith('--config='))
  const arg = args[at]
  return arg === '--config' ? args[at + 1] : arg?.slice('--config='.length)
}

/** Its text; null where there is none and none was named. */
function readConfig(file: string, named: boolean): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    if (named) throw new PlainError(`--config: ${file} cannot be read`)
    return null
  }
}
