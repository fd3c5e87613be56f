/** A real HAProxy (Debian's haproxy) of the tests' own, with the file that is shipped, on free ports. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { freePort } from './free-port.ts'

const file = resolve('deploy/balancer/haproxy.cfg')

export const hasHaproxy = spawnSync('haproxy', ['-v']).status === 0

if (!hasHaproxy) {
  console.warn('The tests of replicas are skipped: `apt-get install haproxy` lets them run.')
}

/** What HAProxy says of the file, with this in its environment; nothing where it is content. */
export function complaints(env: Record<string, string>): string[] {
  const options = { env: { ...process.env, ...env }, encoding: 'utf8' } as const
  const { status, stderr } = spawnSync('haproxy', ['-c', '-f', file], options)
  const lines = stderr.split('\n').filter((line) => /^\[(ALERT|WARNING)\]/.test(line))
  return status === 0 ? lines : [`exit code ${status}`, ...lines]
}

export interface Balancer {
  policies: string
  rewards: string
  /** Resolves when it holds this replica, such as `policy-2`, for this. */
  holds: (replica: string, state: 'UP' | 'DOWN') => Promise<void>
  /** Resolves when this replica has a request in hand. */
  busy: (replica: string) => Promise<void>
  /** Everything it has logged. */
  log: () => string
  close: () => Promise<void>
}

/** Each in front of the addresses given, in their order. */
export async function startBalancer(
  policies: readonly string[],
  rewards: readonly string[],
): Promise<Balancer> {
  const [policy, reward, status] = [await freePort(), await freePort(), await freePort()]
  const named = (kind: string, urls: readonly string[]) =>
    urls.map((url, place) => [`${kind}_${place + 1}`, new URL(url).host])
  const child = spawn('haproxy', ['-db', '-f', file], {
    env: {
      ...process.env,
      TPO_BALANCER_POLICY_PORT: String(policy),
      TPO_BALANCER_REWARD_PORT: String(reward),
      TPO_BALANCER_STATUS_PORT: String(status),
      ...Object.fromEntries([...named('TPO_POLICY', policies), ...named('TPO_REWARD', rewards)]),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stdout.on('data', (chunk) => (said += String(chunk)))
  child.stderr.on('data', (chunk) => (said += String(chunk)))
  const closed = once(child, 'close').then(() => true)
  const at = (path: string) => `http://127.0.0.1:${status}${path}`
  const ready = () =>
    fetch(at('/healthz')).then(
      ({ ok }) => ok,
      () => false,
    )
  while (!(await ready())) {
    const ended = await Promise.race([closed, new Promise((next) => setTimeout(next, 20))])
    // The ports were free a moment ago; on a busy machine one may be another's by now.
    if (ended === true && said.includes('cannot bind')) return startBalancer(policies, rewards)
    if (ended === true) throw new Error(`haproxy ended at its start: ${said}`)
  }
  const says = async (line: RegExp) => {
    while (!line.test(await (await fetch(at('/metrics?scope=server'))).text())) {
      await new Promise((next) => setTimeout(next, 20))
    }
  }
  return {
    policies: `http://127.0.0.1:${policy}/v1`,
    rewards: `http://127.0.0.1:${reward}`,
    holds: (replica, state) =>
      says(
        new RegExp(`^haproxy_server_status\\{.*server="${replica}",state="${state}"\\} 1$`, 'm'),
      ),
    busy: (replica) =>
      says(new RegExp(`^haproxy_server_current_sessions\\{.*server="${replica}"\\} [1-9]`, 'm')),
    log: () => said,
    async close() {
      child.kill('SIGKILL')
      await closed
    },
  }
}
