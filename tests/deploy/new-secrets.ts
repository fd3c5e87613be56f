import { execFileSync } from 'node:child_process'

/** What deploy/secrets.sh prints, by name. */
export function newSecrets(): Record<string, string> {
  const lines = execFileSync('sh', ['deploy/secrets.sh'], { encoding: 'utf8' }).trim().split('\n')
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', value = ''] = line.split('=')
      return [name, value]
    }),
  )
}
