/** Tools that check deploy/. A test without its tool is skipped, but not in CI. */
import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'

interface Tool {
  /** Whether tests that need it are skipped. */
  readonly missing: boolean
  /** What it prints; rejects, with all that it said, where it is not content. */
  run: (...args: string[]) => Promise<string>
}

type Command = readonly [string, ...string[]]

/** The first of these commands that is there, looked for where it is wanted; `probe` asks it for its version. */
function tool(probe: readonly string[], usual: Command, ...others: Command[]): Tool {
  const commands = [usual, ...others]
  const isThere = ([name, ...first]: Command) => spawnSync(name, [...first, ...probe]).status === 0
  let looked: { found?: Command } | undefined
  const look = () => {
    if (looked !== undefined) return looked
    const found = commands.find(isThere)
    if (found === undefined) {
      console.warn(
        `There is no ${usual.join(' ')}; \`pip install -r tests/deploy/tools.txt\` lets its tests run.`,
      )
    }
    looked = found === undefined ? {} : { found }
    return looked
  }
  return {
    get missing() {
      return look().found === undefined && process.env['CI'] === undefined
    },
    async run(...args) {
      const [name, ...first] = look().found ?? usual
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
