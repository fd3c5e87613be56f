/** Which variables a container may be given. */
import { readFileSync } from 'node:fs'
import { environmentName, settingKeys } from '../../shared/settings.ts'

const balancer = readFileSync('deploy/balancer/haproxy.cfg', 'utf8').match(/\bTPO_\w+/g) ?? []
const known = new Set([...settingKeys.map(environmentName), ...balancer])

/** Those of ours that nothing would read. */
export const unknownVariables = (names: readonly string[]): string[] =>
  names.filter((name) => name.startsWith('TPO_') && !known.has(name))
