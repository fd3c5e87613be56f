/** Without `--api` a command starts an API of its own, with the demo pair, and ends it. */
import { existsSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { RunAnswer } from '../../shared/tpo.ts'
import { Command, root, unbuiltCopy } from './house.ts'

const tpo = (args: readonly string[], folder = root) =>
  new Command(
    process.execPath,
    ['clients/cli/tpo.ts', 'run', ...args],
    {
      TPO_API_URL: undefined,
      // Nobody is there, nor missed: jobs are not for an API that ends with a command.
      TPO_QUEUE_URL: 'redis://127.0.0.1:9',
      TPO_DATA_DIR: mkdtempSync(join(tmpdir(), 'tpo-data-')),
    },
    folder,
  )

test('it answers, says what it waits for, and leaves nothing running and no page built', async () => {
  const copy = unbuiltCopy()
  const command = tpo(['--mode', 'bon', '-n', '2', '--json', 'Thank Ana for the flowers'], copy)
  // It ends after its services, which it waits for.
  expect(await command.exit).toBe(0)
  expect(command.stderr).toMatch(/^starting policy, reward model and API…\niteration 0/)
  expect(RunAnswer.parse(JSON.parse(command.stdout)).run.best?.text).not.toBe('')
  expect(existsSync(join(copy, 'clients/web/dist'))).toBe(false)
})

test('what keeps it from starting is said', async () => {
  const command = tpo(['--reward-model', '/nowhere', 'Thank Ana for the flowers'])
  expect(await command.exit).toBe(1)
  expect(command.stderr).toContain('there is no model folder at /nowhere')
  expect(command.stdout).toBe('')
})

test('a setting of the services is wrong usage beside the address of an API', async () => {
  const command = tpo(['--api', 'http://127.0.0.1:1', '--reward-model', 'org/model', 'Why?'])
  expect(await command.exit).toBe(2)
  expect(command.stderr).toContain('TPO_REWARD_MODEL is for one that is started')
})
