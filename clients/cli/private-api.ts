/** Services of one command's own, on free ports of this machine, for as long as the command runs. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { z } from 'zod'
import { PlainError } from './failure.ts'
import { hostFile, type HostProgram } from './host-process.ts'

export interface PrivateService {
  url: string
  close: () => Promise<void>
}

const tell = (text: string) => process.stderr.write(text)

const ports = { TPO_API_PORT: '0', TPO_REWARD_PORT: '0', TPO_LOCAL_POLICY_PORT: '0' }
/** Its one caller limits itself. */
const unlimited = { TPO_KEY_CONCURRENCY: '1000000' }

/** Policy, reward model and API, with settings by their environment's names, before those of a config.yaml. */
export function startPrivateApi(
  settings: Readonly<Record<string, string>>,
  config?: string,
): Promise<PrivateService> {
  process.stderr.write('starting policy, reward model and API…\n')
  return startPrivate(
    'host/start-private',
    settings,
    config === undefined ? [] : ['--config', config],
  )
}

/** A reward service alone, with this model. */
export function startPrivateReward(model: string): Promise<PrivateService> {
  process.stderr.write(`starting a reward service with ${model}…\n`)
  return startPrivate('reward-service/server', { TPO_REWARD_MODEL: model })
}

/**
 * Waits until it is ready. It ends with this process, however that ends; Ctrl-C is for the command
 * alone. What it says until then goes to standard error. Rejects with a `PlainError` when it cannot
 * start.
 */
async function startPrivate(
  program: HostProgram,
  settings: Readonly<Record<string, string>>,
  flags: readonly string[] = [],
): Promise<PrivateService> {
  const child = spawn(process.execPath, [hostFile(program), ...flags], {
    env: {
      ...process.env,
      ...ports,
      ...unlimited,
      ...settings,
      TPO_HOST: '127.0.0.1',
      TPO_API_KEYS: '',
    },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    detached: process.platform !== 'win32',
  })
  // Models may have to be fetched first, which takes its time and says how far it is.
  child.stderr?.setEncoding('utf8').on('data', tell)
  const exit = once(child, 'exit')
  const ready = await Promise.race([once(child, 'message'), exit.then(() => null)])
  if (ready === null) throw new PlainError('the services could not start; see above')
  const url = z.url().parse(ready[0])
  child.stderr?.off('data', tell).resume()
  return {
    url,
    close: async () => {
      child.kill('SIGTERM')
      await exit
    },
  }
}
