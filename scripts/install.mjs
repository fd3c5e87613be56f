// Runs before every npm script, with whatever Node is there (20 or newer): installs the packages
// when the lockfile has changed since the last install, and does nothing otherwise. The packages
// bring their own Node 22, which npm scripts then use.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const mark = `${root}node_modules/.installed`

function fail(line) {
  console.error(`tpo: ${line}`)
  process.exit(1)
}

function nodeVersion(command) {
  const { stdout } = spawnSync(command, ['--version'], { encoding: 'utf8' })
  const [major = 0, minor = 0] = (stdout ?? '').slice(1).split('.').map(Number)
  return major * 100 + minor
}

if (nodeVersion(process.execPath) < 2000) {
  fail(`Node ${process.version} is too old to install the packages; Node 20 or newer is needed.`)
}
const lock = createHash('sha256')
  .update(readFileSync(`${root}package-lock.json`))
  .digest('hex')
if (existsSync(mark) && readFileSync(mark, 'utf8') === lock) process.exit(0)

console.error('tpo: installing packages (once, about a minute)…')
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
const { status } = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
  cwd: root,
  stdio: ['ignore', 'ignore', 'inherit'],
  shell: process.platform === 'win32',
})
if (status !== 0) fail('the packages could not be installed; npm says why above.')

const bundled = `${root}node_modules/.bin/node`
if (nodeVersion(existsSync(bundled) ? bundled : process.execPath) < 2218) {
  fail('there is no bundled Node for this platform; install Node 22.18 or newer and start again.')
}
writeFileSync(mark, lock)
