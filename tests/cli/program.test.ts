import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { Command } from '../system/house.ts'

async function node(...args: string[]) {
  const command = new Command(process.execPath, args, {})
  const code = await command.exit
  return { code, stdout: command.stdout, stderr: command.stderr }
}

test('--version is the version of the package', async () => {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync('package.json', 'utf8')))
  expect(await node('clients/cli/tpo.ts', '--version')).toMatchObject({
    code: 0,
    stdout: `${version}\n`,
  })
})

test('--help shows the commands with examples', async () => {
  const { code, stdout } = await node('clients/cli/tpo.ts', '--help')
  expect(code).toBe(0)
  expect(stdout).toContain('$ tpo run "')
  expect(stdout).toContain('Exit codes')
})

test('a command that does not exist is wrong usage', async () => {
  const { code, stderr } = await node('clients/cli/tpo.ts', 'walk')
  expect(code).toBe(2)
  expect(stderr).toContain("unknown command 'walk'")
})

test.each(['run', 'batch', 'doctor', 'setup cuda'])(
  'a flag that tpo %s does not know is wrong usage',
  async (command) => {
    const flags = [...command.split(' '), '--walk']
    const { code, stdout, stderr } = await node('clients/cli/tpo.ts', ...flags)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain("unknown option '--walk'")
  },
)

test.each([['--help'], ['--api-port=nowhere']])(
  'tpo start %s answers as the supervisor itself',
  async (flag) => {
    const [ours, supervisor] = await Promise.all([
      node('clients/cli/tpo.ts', 'start', flag),
      node('host/start.ts', flag),
    ])
    expect(ours).toEqual(supervisor)
    expect(ours.stdout + ours.stderr).toContain('--api-port')
  },
)
