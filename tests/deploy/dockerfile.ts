/** What deploy/docker/Dockerfile says of the images. */
import { readFileSync } from 'node:fs'

interface Stage {
  name: string
  from: string
  lines: string[]
}

const file = 'deploy/docker/Dockerfile'
export const dockerfile = readFileSync(file, 'utf8')

const instructions = dockerfile
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n/g, ' ')
  .split('\n')
  .filter((line) => line.trim() !== '')

const stages: Stage[] = []
for (const line of instructions) {
  const [, from, name] = /^FROM (\S+) AS (\S+)$/.exec(line) ?? []
  if (from !== undefined && name !== undefined) stages.push({ name, from, lines: [] })
  else stages.at(-1)?.lines.push(line)
}

/** Instructions of a stage, those of the stages that it stands on first. */
function linesOf(name: string): string[] {
  const stage = stages.find((one) => one.name === name)
  return stage === undefined ? [] : [...linesOf(stage.from), ...stage.lines]
}

const last = (lines: readonly string[], pattern: RegExp) =>
  lines.map((line) => pattern.exec(line)?.[1]).findLast((found) => found !== undefined) ?? ''

export const targets = ['api', 'worker', 'policy', 'reward', 'reward-cuda']

export interface Image {
  /** What it runs, without flags of Node. */
  entry: string
  port: number
  /** Port and path of its health. */
  health: string
  user: string
}

export function imageOf(target: string): Image {
  const lines = linesOf(target)
  return {
    entry: last(lines, /^CMD \["node",.* "(dist\/[^"]+)"\]$/),
    port: Number(last(lines, /^EXPOSE (\d+)$/)),
    health: last(lines, /^HEALTHCHECK .*"healthcheck\.mjs", "([^"]+)"\]$/),
    user: last(lines, /^USER (.+)$/),
  }
}

/** Files and folders that come from the repository. */
export const copied = stages
  .flatMap(({ lines }) => lines)
  .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
  .flatMap((line) => line.split(' ').slice(1, -1))
  .filter((path) => path !== '.')
