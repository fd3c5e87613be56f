import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { drainTime } from '../../host/drain.ts'
import { packageVersion } from '../../host/package-root.ts'
import { imageOf, targets } from './dockerfile.ts'
import { newSecrets } from './new-secrets.ts'
import { compose } from './tools.ts'
import { unknownVariables } from './variables.ts'

const Service = z.object({
  image: z.string(),
  build: z.object({ target: z.string() }).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  depends_on: z.record(z.string(), z.unknown()).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }).optional(),
  read_only: z.boolean().default(false),
  cap_drop: z.array(z.string()).default([]),
  stop_grace_period: z.string(),
  ports: z.array(z.object({ host_ip: z.string() })).default([]),
  deploy: z.object({ resources: z.object({ limits: z.object({ memory: z.string() }) }) }),
})
const Model = z.object({ services: z.record(z.string(), Service) })
type Services = z.output<typeof Model>['services']

const secrets = newSecrets()

const example = readFileSync('deploy/.env.example', 'utf8')

/** The services as compose reads them with a .env as docs/deploy.md makes it, those of jobs too. */
async function read(stack: string): Promise<Services> {
  const env = join(mkdtempSync(join(tmpdir(), 'tpo-compose-')), '.env')
  const lines = Object.entries(secrets).map(([name, value]) => `${name}=${value}`)
  writeFileSync(
    env,
    `${lines.join('\n')}\n${example.replaceAll(/^#(COMPOSE_PROFILES|TPO_QUEUE)/gm, '$1')}`,
  )
  const files = stack.split(' + ').flatMap((file) => ['--file', `deploy/${file}`])
  const json = await compose.run('--env-file', env, ...files, 'config', '--format', 'json')
  return Model.parse(JSON.parse(json)).services
}

const stacks = ['compose.yaml', 'compose.yaml + compose.gpu.yaml']

/** Where other people's images listen. */
const foreignPorts: Record<string, number[]> = {
  balancer: [8000, 7861],
  policy: [8000],
  redis: [6379],
  jaeger: [4318],
}

const portsOf = (name: string, { build }: Services[string]) =>
  build === undefined ? foreignPorts[name] : [imageOf(build.target).port]

const seconds = (period: string) => {
  const {
    h = 0,
    m = 0,
    s = 0,
  } = /^(?:(?<h>\d+)h)?(?:(?<m>\d+)m)?(?:(?<s>\d+)s)?$/.exec(period)?.groups ?? {}
  return Number(h) * 3600 + Number(m) * 60 + Number(s)
}

test.skipIf(compose.missing).each(stacks)(
  '%s: every service is pinned, bounded and closed',
  async (stack) => {
    for (const [name, service] of Object.entries(await read(stack))) {
      expect(service.image, name).toMatch(/:v?\d+\.\d+\.\d+(-alpine)?$/)
      expect(Number(service.deploy.resources.limits.memory), name).toBeGreaterThan(0)
      expect(service.cap_drop, name).toEqual(['ALL'])
      for (const port of service.ports) expect(port.host_ip, name).toBe('127.0.0.1')
      expect(unknownVariables(Object.keys(service.environment)), name).toEqual([])
      if (service.build === undefined) continue
      expect(targets).toContain(service.build.target)
      expect(service.image).toBe(`tpo-edge-${service.build.target}:${packageVersion}`)
      expect(service.read_only, name).toBe(true)
      expect(seconds(service.stop_grace_period) * 1000, name).toBeGreaterThan(drainTime)
    }
  },
)

test.skipIf(compose.missing).each(stacks)(
  '%s: every address is that of a service',
  async (stack) => {
    const services = await read(stack)
    for (const [name, { environment }] of Object.entries(services)) {
      const values = Object.values(environment).join(' ')
      for (const [, host = '', port] of values.matchAll(
        /(?:\/\/(?:\S*@)?|^|\s)([a-z]+):(\d{4})\b/g,
      )) {
        const service = services[host]
        expect(service && portsOf(host, service), `${name} → ${host}:${port}`).toContain(
          Number(port),
        )
      }
    }
  },
)

test('.env.example has every variable of the files that is no secret, and no other', () => {
  const files = ['compose.yaml', 'compose.gpu.yaml'].map((file) =>
    readFileSync(`deploy/${file}`, 'utf8'),
  )
  const used = [...files.join('').matchAll(/\$\{(\w+)/g)].map(([, name]) => name ?? '')
  const told = [...example.matchAll(/^#?([A-Z_]+)=/gm)].map(([, name]) => name ?? '')
  const ours = told.filter((name) => !name.startsWith('COMPOSE_'))
  const settings = used.filter((name) => !Object.hasOwn(secrets, name))
  expect(ours.toSorted()).toEqual([...new Set(settings)].toSorted())
})

test.skipIf(compose.missing)(
  'jobs have a Redis and a worker, and the API knows of it',
  async () => {
    const { api, worker } = await read('compose.yaml')
    const url = `redis://:${secrets['REDIS_PASSWORD']}@redis:6379`
    expect(api?.environment).toMatchObject({ TPO_QUEUE_URL: url, TPO_REPLAY_URL: url })
    expect(worker?.environment).toMatchObject({ TPO_QUEUE_URL: url, TPO_REPLAY_URL: url })
  },
)

test.skipIf(compose.missing)(
  'who waits for health waits for a service that tells its own',
  async () => {
    for (const stack of stacks) {
      const services = await read(stack)
      for (const { depends_on } of Object.values(services)) {
        for (const [name, condition] of Object.entries(depends_on)) {
          const { build, healthcheck } = services[name] ?? {}
          const wanted = z.object({ condition: z.string() }).parse(condition).condition
          if (wanted !== 'service_healthy') continue
          expect(build ? imageOf(build.target).health : healthcheck, name).toBeTruthy()
        }
      }
    }
  },
)

const processes: ChildProcess[] = []
afterEach(async () => {
  for (const child of processes.splice(0)) {
    const gone = once(child, 'exit')
    if (child.exitCode === null && child.kill('SIGTERM')) await gone
  }
})

/** Runs what the image runs, with its environment and any free port; gives the port. */
async function start(target: string, environment: Record<string, string>): Promise<string> {
  const entry = imageOf(target).entry.replace('dist/', '').replace('.js', '.ts')
  const any = { TPO_API_PORT: '0', TPO_LOCAL_POLICY_PORT: '0', TPO_REWARD_PORT: '0' }
  const child = spawn(process.execPath, [entry], {
    env: {
      PATH: process.env['PATH'],
      TPO_HOST: '0.0.0.0',
      OTEL_SDK_DISABLED: 'true',
      ...environment,
      ...any,
    },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  processes.push(child)
  let said = ''
  child.stderr?.on('data', (piece) => (said += String(piece)))
  const ended = once(child, 'exit').then(() =>
    Promise.reject(new Error(`${target} ended: ${said}`)),
  )
  const [url] = await Promise.race([once(child, 'message'), ended])
  return new URL(z.url().parse(url)).port
}

test.skipIf(compose.missing)(
  'with these settings the services reach each other, and are open to nobody else',
  async () => {
    const services = await read('compose.yaml')
    const ports: Record<string, string> = {}
    const startService = async (name: string) => {
      const environment = Object.entries(services[name]?.environment ?? {})
        // Redis is not here, and no part of this.
        .filter(([key]) => !['TPO_QUEUE_URL', 'TPO_REPLAY_URL'].includes(key))
        .map(([key, value]): [string, string] => [
          key,
          value.replace(/\/\/(\w+):\d+/, (_, host: string) => `//127.0.0.1:${ports[host]}`),
        ])
      ports[name] = await start(name, Object.fromEntries(environment))
    }
    await Promise.all(['policy', 'reward'].map(startService))
    await startService('api')
    for (const [name, port] of Object.entries(ports)) {
      const [, path] = imageOf(name).health.split('/')
      const health = await fetch(`http://127.0.0.1:${port}/${path}`)
      expect(health.status, name).toBe(200)
      const stranger = await fetch(`http://127.0.0.1:${port}/v1/models`, { method: 'POST' })
      expect(stranger.status, name).toBe(401)
    }
    const answer = await fetch(`http://127.0.0.1:${ports['api']}/v1/tpo/run`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${secrets['TPO_API_KEYS']}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ query: 'Thank Ana for her talk', mode: 'bon', samples: 2 }),
    })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({
      next: null,
      run: { best: { text: expect.any(String) } },
    })
  },
  120_000,
)
