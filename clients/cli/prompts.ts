import { readFileSync } from 'node:fs'
import { InvalidArgumentError } from 'commander'

/** What a file with prompts holds, not yet checked. */
export function readPrompts(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    const isThere = error instanceof SyntaxError
    throw new InvalidArgumentError(isThere ? 'It is not valid JSON.' : 'It cannot be read.')
  }
}
