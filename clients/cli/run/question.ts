import { text } from 'node:stream/consumers'

/** The question as given, or from standard input for `-` or a pipe; null if there is none. */
export async function readQuestion(argument: string | undefined): Promise<string | null> {
  const fromInput = argument === '-' || (argument === undefined && !process.stdin.isTTY)
  const question = (fromInput ? await text(process.stdin) : (argument ?? '')).trim()
  return question === '' ? null : question
}
