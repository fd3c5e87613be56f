/** `tpo batch` on files of a folder of its own, in front of a house of fakes. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from '../system/house.ts'

export interface BatchFolder {
  path: string
  /** Writes a file into it; returns its path. */
  file: (name: string, text: string) => string
  /** A file of `Question 0`, `Question 1` and so on. */
  questions: (count: number) => string
  /** The command's own arguments: two answers, one round, results under `out`. */
  args: (...more: string[]) => string[]
  jsonLines: (name: string) => ResultLine[]
  /** Names of all that lies in it, folders too. */
  names: () => string[]
}

/** What tests read of a line of results. */
export interface ResultLine {
  id: string
  status: string
  best: { reward: number }
}

export function batchFolder(): BatchFolder {
  const path = mkdtempSync(join(tmpdir(), 'tpo-batch-'))
  const file = (name: string, text: string) => {
    writeFileSync(join(path, name), text)
    return join(path, name)
  }
  return {
    path,
    file,
    questions: (count) =>
      file(
        'questions.json',
        JSON.stringify(Array.from({ length: count }, (_, at) => `Question ${at}`)),
      ),
    args: (...more) => ['-o', join(path, 'out'), '-n', '2', '-d', '1', ...more],
    jsonLines: (name) =>
      readFileSync(join(path, name), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    names: () => readdirSync(path, { recursive: true, encoding: 'utf8' }),
  }
}

/** A process of `tpo batch`; `api` is the address of the one that it drives. */
export const batchCommand = (api: string, args: readonly string[]) =>
  new Command(process.execPath, ['clients/cli/tpo.ts', 'batch', ...args], { TPO_API_URL: api })

/** The same, once it has ended. */
export async function batchEnded(api: string, args: readonly string[]) {
  const one = batchCommand(api, args)
  const code = await one.exit
  return { code, stdout: one.stdout, stderr: one.stderr }
}
