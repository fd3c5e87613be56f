import { spawnSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { resolveSettings } from '../../shared/settings.ts'
import { newSecrets } from './new-secrets.ts'
import { shellcheck } from './tools.ts'

test.skipIf(shellcheck.missing)('shellcheck finds nothing in the scripts', async () => {
  expect(await shellcheck.run('deploy/secrets.sh', '.ci/run')).toBe('')
})

test('secrets are new each time, and fit where they go', () => {
  const { REDIS_PASSWORD = '', ...secrets } = newSecrets()
  const environment = { ...secrets, TPO_QUEUE_URL: `redis://:${REDIS_PASSWORD}@redis:6379` }
  const settings = resolveSettings({ environment })
  expect(settings.api_keys).toEqual([secrets['TPO_API_KEYS']])
  expect(settings.cursor_keys).toEqual([expect.stringMatching(/^[\w-]{43}$/)])
  expect(new URL(settings.queue_url ?? '').password).toBe(REDIS_PASSWORD)
  const values = [...Object.values(secrets), REDIS_PASSWORD, ...Object.values(newSecrets())]
  expect(new Set(values).size).toBe(10)
})

test('without openssl there is no secret, rather than an empty one', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tpo-deploy-'))
  writeFileSync(join(folder, 'tr'), '#!/bin/sh\ncat\n', { mode: 0o755 })
  const { status, stdout } = spawnSync('/bin/sh', ['deploy/secrets.sh'], {
    env: { PATH: folder },
    encoding: 'utf8',
  })
  expect(status).not.toBe(0)
  expect(stdout).toBe('')
})
