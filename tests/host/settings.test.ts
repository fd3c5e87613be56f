import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadSettings, settingsHelp, toEnvironment } from '../../host/settings.ts'

function config(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'tpo-config-')), 'config.yaml')
  writeFileSync(file, text)
  return file
}

test('flags, environment and a config file meet in one settings object', async () => {
  const file = config('policy_model: from-file\napi_port: 9000\nreward_port: 9001\n')
  const settings = await loadSettings(['--config', file, '--api-port=9100'], {
    TPO_REWARD_PORT: '9101',
  })
  expect(settings).toMatchObject({ policy_model: 'from-file', api_port: 9100, reward_port: 9101 })
})

test.each([
  [['--no-such-flag'], /no-such-flag.*--help/],
  [['--config', '/nowhere/config.yaml'], /\/nowhere\/config\.yaml cannot be read/],
  [['--config', config('- a\n- b\n')], /not a list of settings/],
  [['--config', config('a: [1\n')], /config\.yaml: /],
])('%j is refused in one line', async (argv, message) => {
  await expect(loadSettings(argv, {})).rejects.toThrow(message)
  await expect(loadSettings(argv, {})).rejects.not.toThrow(/\n/)
})

test('a child process reads back the settings it is given', async () => {
  const settings = await loadSettings(
    ['--api-keys', 'a,b', '--policy-base-url', 'http://gpu:8000/v1'],
    {},
  )
  expect(await loadSettings([], toEnvironment(settings))).toEqual(settings)
})

test('a chat template is a file, or the template itself', async () => {
  const source = '{% for message in messages %}\n{{ message.content }}{% endfor %}'
  const file = config(source)
  const settings = await loadSettings(['--reward-chat-template', file], {})
  expect(settings.reward_chat_template).toBe(source)
  expect((await loadSettings([], toEnvironment(settings))).reward_chat_template).toBe(source)
})

test.each([
  ['/nowhere/chat_template.jinja', /^TPO_REWARD_CHAT_TEMPLATE: \/nowhere\/.* cannot be read; give/],
  [config('# Read me'), /holds no chat template \(Jinja\)$/],
  [
    config('{{ x }}'.repeat(20_000)),
    /is longer than 100 kB, too long for chat template \(Jinja\)$/,
  ],
])('no chat template: %s', async (file, message) => {
  await expect(loadSettings([], { TPO_REWARD_CHAT_TEMPLATE: file })).rejects.toThrow(message)
})

test('prompts are a file, or the JSON itself', async () => {
  const json = '{"loss": {"user": "{{query}} {{chosen}} {{rejected}}"}}'
  expect((await loadSettings(['--config', config(`prompts: ${config(json)}`)], {})).prompts).toBe(
    json,
  )
  expect((await loadSettings([], { TPO_PROMPTS: json })).prompts).toBe(json)
  await expect(loadSettings(['--prompts', '/nowhere/pack.json'], {})).rejects.toThrow(
    /^TPO_PROMPTS: \/nowhere\/pack.json cannot be read; give a file with prompts \(JSON\)$/,
  )
})

test('the help names every setting with its variable', () => {
  expect(settingsHelp()).toContain('--policy-base-url')
  expect(settingsHelp()).toContain('TPO_POLICY_BASE_URL')
})

test('--model is short for the model of a service that has one', async () => {
  const argv = ['--model', 'org/name']
  expect((await loadSettings(argv, {}, 'reward_model')).reward_model).toBe('org/name')
  await expect(loadSettings(argv, {})).rejects.toThrow(/--model/)
})
