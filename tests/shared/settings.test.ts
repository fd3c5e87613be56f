import { expect, test } from 'vitest'
import { resolveSettings, SettingsError } from '../../shared/settings.ts'

test('a flag beats the environment, which beats the file, which beats the default', () => {
  expect(resolveSettings({}).api_port).toBe(7860)
  const file = { api_port: 1 }
  const environment = { TPO_API_PORT: '2' }
  const flags = { api_port: '3' }
  expect(resolveSettings({ file }).api_port).toBe(1)
  expect(resolveSettings({ file, environment }).api_port).toBe(2)
  expect(resolveSettings({ file, environment, flags }).api_port).toBe(3)
})

test.each([
  [{ environment: { TPO_API_PORT: 'many' } }, /^TPO_API_PORT: /],
  [{ flags: { api_port: '70000' } }, /^--api-port: /],
  [{ file: { reward_base_url: 'gpu' } }, /^config\.yaml: reward_base_url: .*http/],
  [{ file: { reward_url: 'http://gpu' } }, /"reward_url"/],
  [{ environment: { TPO_POLICY_BASE_URL: 'file:///etc/passwd' } }, /^TPO_POLICY_BASE_URL: /],
  [{ environment: { TPO_REPLAY_URL: 'http://redis' } }, /^TPO_REPLAY_URL: .*redis:\/\//],
  [{ environment: { TPO_REPLAY_HOURS: '1' } }, /^TPO_REPLAY_HOURS: /],
  [{ environment: { TPO_ALLOWED_POLICY_URLS: 'gpu:8000' } }, /^TPO_ALLOWED_POLICY_URLS: .*http/],
])('a wrong value is named with where it came from: %j', (sources, message) => {
  expect(() => resolveSettings(sources)).toThrow(SettingsError)
  expect(() => resolveSettings(sources)).toThrow(message)
})

test("the config.yaml of the reference's page is understood as it is", () => {
  const settings = resolveSettings({
    file: {
      vllm: { model_path: '/models/llama', dtype: 'auto', api_key: 'k', port: 8000 },
      tpo: {
        ip: '10.0.0.5',
        port: 8001,
        server_model: 'llama',
        reward_model: '/models/rm',
        seed: 7,
      },
    },
  })
  expect(settings).toMatchObject({
    policy_base_url: 'http://10.0.0.5:8001/v1',
    policy_api_key: 'k',
    policy_model: 'llama',
    reward_model: '/models/rm',
  })
})

test('lists come from commas or from YAML', () => {
  expect(resolveSettings({ environment: { TPO_API_KEYS: 'a, b,' } }).api_keys).toEqual(['a', 'b'])
  expect(resolveSettings({ file: { api_keys: ['a'] } }).api_keys).toEqual(['a'])
})

test('an empty variable is as good as none', () => {
  expect(
    resolveSettings({ environment: { TPO_POLICY_BASE_URL: '' } }).policy_base_url,
  ).toBeUndefined()
})
