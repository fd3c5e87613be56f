/** Tools that check deploy/. A test without its tool is skipped, but not in CI. */
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'

interface Tool {
  /** Whether tests that need it are skipped. */
  missing: boolean
  /** What it prints; rejects, with all that it said, where it is not content. */
  run: (...args: string[]) => Promise<string>
}

/** The first of these commands that is there; `probe` only asks it for its version. */
function tool(probe: readonly string[], ...commands: [string, ...string[]][]): Tool {
  const found = commands.find(
    ([name, ...first]) => spawnSync(name, [...first, ...probe]).status === 0,
  )
  const [command] = commands
  if (found === undefined) {
    console.warn(
      `Tests of deploy/ are skipped without ${command?.join(' ')}: \`pip install -r tests/deploy/tools.txt\` lets them run.`,
    )
  }
  const [name, ...first] = found ?? command ?? ['']
  return {
    missing: found === undefined && process.env['CI'] === undefined,
    async run(...args) {
      const { stdout } = await promisify(execFile)(name, [...first, ...args], {
        maxBuffer: 2 ** 24,
      }).catch((error: Error & { stdout?: string }) => {
        throw new Error(`${error.message}${error.stdout ?? ''}`, { cause: error })
      })
      return stdout
    },
  }
}

export const hadolint = tool(['--version'], ['hadolint'])
export const shellcheck = tool(['--version'], ['shellcheck'])
export const compose = tool(['version'], ['docker', 'compose'], ['docker-compose'])
export const kubernetesValidate = tool(['--version'], ['kubernetes-validate'])
export const kustomize = tool(['--help'], ['kubectl', 'kustomize'], ['kustomize', 'build'])
