import type { Settings } from '../shared/settings.ts'
import { createLog, type Log } from '../shared/telemetry/log.ts'

/** The log of a process, on stderr: for a person where that is a terminal, else JSON. */
export const processLog = ({ log }: Settings): Log =>
  createLog({
    level: log,
    human: process.stderr.isTTY,
    write: (line) => void process.stderr.write(`${line}\n`),
  })

/** Tells the operator what no request would, in one line. */
export const tell = (line: string): void => console.error(`tpo: ${line}`)
