import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

const ends = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export type HostProgram =
  | 'host/start'
  | 'host/start-private'
  | 'host/setup-cuda'
  | 'reward-service/doctor'
  | 'reward-service/server'

/** Where a program of the package is, as source or built. */
export const hostFile = (program: HostProgram): string =>
  fileURLToPath(new URL(`../../${program}${extname(import.meta.url)}`, import.meta.url))

/** Runs a program of the package in its own process, in our place: its terminal, signals and exit code. */
export async function runHost(program: HostProgram, flags: readonly string[]): Promise<number> {
  const child = spawn(process.execPath, [hostFile(program), ...flags], { stdio: 'inherit' })
  // One Ctrl-C may reach us twice (from the terminal and from npm), and the program by itself.
  let ending = false
  for (const signal of ends) {
    process.on(signal, () => {
      if (!ending) child.kill('SIGTERM')
      ending = true
    })
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal])
    })
  })
}
