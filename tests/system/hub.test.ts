import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FakeHub, startFakeHub } from '../fakes/fake-hub.ts'
import { blobOf, emptyMachine, repoOf, sizeOf, weights } from '../host/hub.ts'
import { Command, freePorts, startHouse } from './house.ts'

const reward = repoOf('org/tiny-reward', 'tiny-reward-fp32')
let hub: FakeHub
beforeAll(async () => {
  hub = await startFakeHub(reward)
})
afterAll(() => hub.close())

test('npm start fetches a model of the hub; Ctrl-C stops that, and a later start goes on', async () => {
  const { HF_ENDPOINT, HF_HOME } = emptyMachine(hub.url)
  const env = { HF_ENDPOINT, HF_HOME, TPO_REWARD_MODEL: reward.id }
  hub.behave({ hold: { path: weights, after: 50_000 } })
  const [api, rewardPort, policy] = await freePorts(3)
  const interrupted = new Command(process.execPath, ['host/start.ts'], {
    ...env,
    TPO_API_PORT: String(api),
    TPO_REWARD_PORT: String(rewardPort),
    TPO_LOCAL_POLICY_PORT: String(policy),
  })
  const part = `${blobOf(HF_HOME, reward, weights)}.incomplete`
  await expect.poll(() => sizeOf(part), { timeout: 120_000 }).toBe(50_000)
  await expect.poll(() => interrupted.stderr).toMatch(/tpo: \d+ % of 139 kB/)
  interrupted.child.kill('SIGINT')
  expect(await interrupted.exit).toBe(0)
  expect(interrupted.stdout).toBe('')

  const { command, rewardUrl } = await startHouse(env)
  expect(command.stderr).toContain('tpo: 100 % of 139 kB')
  expect(hub.requests.at(-1)?.range).toBe('bytes=50000-')
  expect(await (await fetch(`${rewardUrl}/readyz`)).json()).toMatchObject({ model: reward.id })
  command.child.kill('SIGINT')
  expect(await command.exit).toBe(0)
})
