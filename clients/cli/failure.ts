import { ConnectionError, ProblemError } from '../../shared/client.ts'

/** Anything that ended a command, as one line: what happened and what to do. */
export function failureLine(error: unknown, api?: string): string {
  if (error instanceof ProblemError) {
    const { code, detail } = error.problem
    return `error: ${oneLine(detail)} (${code})`
  }
  if (error instanceof ConnectionError) {
    return `error: no connection to the API at ${api ?? 'its address'}; run \`npm start\` first or give --api (${oneLine(error.message)})`
  }
  return `error: ${oneLine(error instanceof Error ? error.message : String(error))}`
}

const oneLine = (text: string) => text.replaceAll(/\s+/g, ' ').trim()
