import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { TpoClient } from '../../shared/client.ts'
import { hasRedis, type RedisServer, startRedis } from '../api/redis-server.ts'
import { answers, Command, freePorts, type House, root, startHouse, unbuiltCopy } from './house.ts'

const start = (env: Record<string, string>, ...args: string[]) =>
  new Command(process.execPath, ['host/start.ts', ...args], env, root)

describe('a house', () => {
  let house: House
  let redis: RedisServer | undefined
  let workerUrl = ''
  beforeAll(async () => {
    const [port] = await freePorts(1)
    workerUrl = `http://127.0.0.1:${port}`
    redis = hasRedis ? await startRedis() : undefined
    const queue: Record<string, string> = redis === undefined ? {} : { TPO_QUEUE_URL: redis.url }
    house = await startHouse({ TPO_WORKER_PORT: String(port), ...queue })
  })
  afterAll(async () => {
    house.command.child.kill('SIGKILL')
    await redis?.stop()
  })

  test('prints where everything is, and serves it', async () => {
    const { url, command } = house
    expect(command.stdout).toContain(`Page       http://localhost:${new URL(url).port}`)
    expect(command.stdout).toContain('npm run tpo -- run')
    expect(command.stdout).toContain('TPO_POLICY_BASE_URL=')

    const page = await fetch(url)
    expect(page.headers.get('content-type')).toContain('text/html')
    const ready = await fetch(`${url}/readyz`)
    expect(await ready.json()).toMatchObject({ status: 'ready' })
    expect((await fetch(`${url}/docs`)).status).toBe(200)
  })

  test.skipIf(!hasRedis)('with a queue it works on jobs', async () => {
    const { url, command } = house
    expect(command.stdout).toContain(`Jobs       http://localhost:${new URL(url).port}/v1/tpo/jobs`)
    const client = new TpoClient({ baseUrl: url })
    const questions = [{ query: 'Thank Ana for the flowers' }]
    const { id } = await client.submitJob({ questions, settings: { samples: 2, iterations: 1 } })
    await expect.poll(async () => (await client.job(id)).status).toBe('finished')
    const { results } = await client.job(id)
    expect(results).toMatchObject([{ id: '1', run: { stop_reason: 'iterations' }, problem: null }])
    expect(await answers(workerUrl)).toBe(true)
  })

  test('ports in use, even by another house, are one clear line', async () => {
    const [api, reward, policy] = [house.url, house.rewardUrl, house.policyUrl].map(
      (url) => new URL(url).port,
    )
    const command = start({
      TPO_API_PORT: String(api),
      TPO_REWARD_PORT: String(reward),
      TPO_LOCAL_POLICY_PORT: String(policy),
    })
    expect(await command.exit).toBe(1)
    expect(command.stdout).toBe('')
    expect(command.stderr.trim()).toBe(
      `tpo: port ${policy} (local policy) is in use; stop what uses it or choose another with --local-policy-port or TPO_LOCAL_POLICY_PORT`,
    )
  })

  test('leaves no process behind on SIGINT', async () => {
    const { url, rewardUrl, policyUrl, command } = house
    command.child.kill('SIGINT')
    expect(await command.exit).toBe(0)
    expect(command.stderr).toBe('')
    const left = await Promise.all([url, rewardUrl, policyUrl, workerUrl].map(answers))
    expect(left).toEqual([false, false, false, false])
  })
})

test('the services end when the process that started them is killed', async () => {
  const { url, rewardUrl, policyUrl, command } = await startHouse()
  command.child.kill('SIGKILL')
  // The services hold the pipes of their parent: "exit" comes when the last of them is gone.
  await command.exit
  const left = await Promise.all([url, rewardUrl, policyUrl].map(answers))
  expect(left).toEqual([false, false, false])
})

test('everything ends when npm is ended', async () => {
  const [api, reward, policy] = await freePorts(3)
  const npm = new Command('npm', ['start'], {
    TPO_API_PORT: String(api),
    TPO_REWARD_PORT: String(reward),
    TPO_LOCAL_POLICY_PORT: String(policy),
  })
  await npm.prints('TPO is ready')
  npm.child.kill('SIGTERM')
  // Its output closes when the last process that it started is gone.
  await npm.exit
  expect(await answers(`http://127.0.0.1:${api}`)).toBe(false)
})

test('API keys of a config.yaml are asked of callers, not of our own services', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tpo-config-'))
  const [api, reward, policy] = await freePorts(3)
  writeFileSync(
    join(folder, 'config.yaml'),
    `api_keys: [secret]\napi_port: ${api}\nreward_port: ${reward}\nlocal_policy_port: ${policy}\n`,
  )
  const command = new Command(process.execPath, [join(root, 'host/start.ts')], {}, folder)
  await command.prints('Ctrl-C stops everything')
  const run = (apiKey?: string) =>
    new TpoClient({ baseUrl: `http://127.0.0.1:${api}`, apiKey }).run({
      query: 'Thank Ana for the flowers',
      samples: 1,
      mode: 'bon',
    })
  expect((await run('secret')).run.best).not.toBeNull()
  await expect(run()).rejects.toMatchObject({ problem: { code: 'unauthorized' } })
  command.child.kill('SIGTERM')
  expect(await command.exit).toBe(0)
})

test('a stop while the page is being built is not lost', async () => {
  const [api, reward, policy] = await freePorts(3)
  const env = {
    TPO_API_PORT: String(api),
    TPO_REWARD_PORT: String(reward),
    TPO_LOCAL_POLICY_PORT: String(policy),
  }
  const command = new Command(process.execPath, ['host/start.ts'], env, unbuiltCopy())
  await command.prints('building the page')
  command.child.kill('SIGINT')
  expect(await command.exit).toBe(0)
  expect(command.stdout).not.toContain('TPO is ready')
})

test('a missing model folder is one clear line', async () => {
  const [api, reward, policy] = await freePorts(3)
  const command = start({
    TPO_API_PORT: String(api),
    TPO_REWARD_PORT: String(reward),
    TPO_LOCAL_POLICY_PORT: String(policy),
    TPO_REWARD_MODEL: '/nowhere/reward-model',
  })
  expect(await command.exit).toBe(1)
  expect(command.stderr.trim().split('\n')).toHaveLength(1)
  expect(command.stderr).toContain('/nowhere/reward-model')
})

test.each([
  [{ TPO_API_PORT: 'web' }, [], /^tpo: TPO_API_PORT: /],
  [{}, ['--no-such-flag', 'x'], /^tpo: .*no-such-flag/],
])('a wrong setting is one clear line and exit code 2: %j %j', async (env, args, line) => {
  const command = start(env, ...args)
  expect(await command.exit).toBe(2)
  expect(command.stderr.trim().split('\n')).toHaveLength(1)
  expect(command.stderr).toMatch(line)
})
