import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { BackendsAnswer } from '../../shared/backends.ts'
import { type House, openHouse } from '../api/house.ts'
import { Command } from '../system/house.ts'

let house: House
beforeAll(async () => {
  house = await openHouse({ settings: { policy_api_key: 'policy-secret' } })
})
afterAll(() => house.close())
afterEach(() => house.policy.behave({}))

async function doctor(...args: string[]) {
  const env = { TPO_API_URL: house.url, FORCE_COLOR: undefined, NO_COLOR: undefined }
  const command = new Command(process.execPath, ['clients/cli/tpo.ts', 'doctor', ...args], env)
  const code = await command.exit
  return { code, stdout: command.stdout, stderr: command.stderr }
}

test('all is well: a table, exit code 0', async () => {
  const { code, stdout, stderr } = await doctor()
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const [head = '', policy, reward, ...rest] = stdout.split('\n')
  expect(head.trim().split(/ {2,}/)).toEqual([
    'server',
    'speaks',
    'reached',
    'key',
    'model',
    'context',
    'computes in',
    'ms',
  ])
  expect(policy).toMatch(/^policy +127\.0\.0\.1:\d+ +openai +yes +yes +fake-70b +8192 +\? +\d+$/)
  expect(reward).toMatch(/^reward +\S+ +tpo +yes +yes +fake-reward +4096 +float32 fake +\d+$/)
  expect(rest).toEqual(['', 'Everything is well.', ''])
})

test('something is not: what to do, exit code 1, no secret', async () => {
  house.policy.behave({ models: { status: 401, body: 'policy-secret is wrong' } })
  const { code, stdout } = await doctor()
  expect(code).toBe(1)
  expect(stdout).toMatch(/^policy +\S+ +openai +yes +no +\? /m)
  expect(stdout).toMatch(/^policy: .*Check TPO_POLICY_API_KEY\.$/m)
  expect(stdout).not.toContain('policy-secret')
  expect(stdout).not.toMatch(/^reward: /m)

  const json = await doctor('--json')
  expect(json.code).toBe(1)
  expect(BackendsAnswer.parse(JSON.parse(json.stdout))).toMatchObject({
    ok: false,
    backends: [{ ok: false, authorised: false }, { ok: true }],
  })
})

test('no API there is one line, exit code 1; a wrong flag is wrong usage', async () => {
  const { code, stdout, stderr } = await doctor('--api', 'http://127.0.0.1:1')
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/^error: no connection .*\n$/)
  expect((await doctor('--api', 'localhost')).code).toBe(2)
})
