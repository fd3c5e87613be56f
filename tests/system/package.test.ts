import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Command, root } from './house.ts'

async function succeed(file: string, args: string[], cwd: string): Promise<Command> {
  const command = new Command(file, args, { npm_config_loglevel: 'error' }, cwd)
  expect(await command.exit, command.stderr).toBe(0)
  return command
}

test('the packed tarball, installed elsewhere, runs tpo and gives the typed client', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tpo-package-'))
  await succeed('npm', ['pack', '--pack-destination', folder], root)
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? ''
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  // Without the Node that comes for machines with an older one.
  const install = ['install', '--ignore-scripts', '--no-audit', '--omit=optional']
  await succeed('npm', [...install, `./${tarball}`], folder)

  const tpo = join(folder, 'node_modules/.bin/tpo')
  const version = await succeed('npx', ['tpo', '--version'], folder)
  expect(version.stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/)
  const setup = await succeed(tpo, ['setup', 'cuda', '--help'], folder)
  expect(setup.stdout).toContain('--from <paths...>')
  const unreachable = new Command(tpo, ['run', 'x', '--api', 'http://127.0.0.1:9'], {}, folder)
  expect(await unreachable.exit).toBe(1)
  expect(unreachable.stderr).toMatch(/tpo start|npm start/)

  writeFileSync(
    join(folder, 'use.ts'),
    `import { TpoClient, drive, type Run } from 'tpo-edge/client'
const client: TpoClient = new TpoClient({ baseUrl: 'http://127.0.0.1:9' })
export const best = (run: Run): number | undefined => run.best?.reward
console.log(typeof client.start, typeof drive)`,
  )
  const types = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', 'use.ts']
  await succeed(join(root, 'node_modules/.bin/tsc'), types, folder)
  const used = await succeed(process.execPath, ['use.ts'], folder)
  expect(used.stdout.trim()).toBe('function function')
})
