import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, symlinkSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

export const root = resolve(import.meta.dirname, '../..')

export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  const ports = await Promise.all(
    servers.map(async (server) => {
      await new Promise((done) => server.once('listening', done))
      return (server.address() as AddressInfo).port
    }),
  )
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return ports
}

/** A process of ours with everything it printed. */
export class Command {
  readonly child: ChildProcess
  readonly exit: Promise<number | null>
  stdout = ''
  stderr = ''

  constructor(file: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd = root) {
    this.child = spawn(file, args, { cwd, env: { ...process.env, ...env } })
    this.child.stdout?.on('data', (chunk) => (this.stdout += String(chunk)))
    this.child.stderr?.on('data', (chunk) => (this.stderr += String(chunk)))
    this.exit = new Promise((done) => this.child.once('close', done))
  }

  /** Resolves when stdout contains the text; throws when the process ends before. */
  async prints(text: string): Promise<void> {
    const ended = this.exit.then(() => 'ended')
    while (!stripVTControlCharacters(this.stdout).includes(text)) {
      const more = new Promise((done) => this.child.stdout?.once('data', done))
      if ((await Promise.race([ended, more])) === 'ended') {
        throw new Error(`ended before "${text}":\n${this.stdout}\n${this.stderr}`)
      }
    }
  }
}

export interface House {
  url: string
  rewardUrl: string
  policyUrl: string
  command: Command
}

/** The three services as `npm start` runs them, on free ports, with a data folder of their own. */
export async function startHouse(env: Record<string, string> = {}): Promise<House> {
  const [api, reward, policy] = await freePorts(3)
  const command = new Command(process.execPath, ['host/start.ts'], {
    TPO_API_PORT: String(api),
    TPO_REWARD_PORT: String(reward),
    TPO_LOCAL_POLICY_PORT: String(policy),
    TPO_DATA_DIR: mkdtempSync(join(tmpdir(), 'tpo-data-')),
    ...env,
  })
  await command.prints('TPO is ready')
  return {
    url: `http://127.0.0.1:${api}`,
    rewardUrl: `http://127.0.0.1:${reward}`,
    policyUrl: `http://127.0.0.1:${policy}`,
    command,
  }
}

/** The folder of a copy of this repository whose page is not built. */
export function unbuiltCopy(): string {
  const copy = join(mkdtempSync(join(tmpdir(), 'tpo-unbuilt-')), 'repository')
  const left = new Set(['node_modules', '.git', 'dist', 'models', 'tests'])
  cpSync(root, copy, {
    recursive: true,
    filter: (path) =>
      !relative(root, path)
        .split('/')
        .some((name) => left.has(name)),
  })
  for (const name of ['node_modules', 'models']) symlinkSync(join(root, name), join(copy, name))
  return copy
}

/** Whether something still listens there. */
export const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/healthz`).then(
    () => true,
    () => false,
  )
