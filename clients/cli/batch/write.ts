/** The results of a batch as files, in the order of its questions. */
import { createWriteStream } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { preferencesJsonl } from '../../common/export/preferences.ts'
import {
  type QuestionResult,
  resultLine,
  resultRow,
  resultsCsv,
} from '../../common/export/results.ts'
import { referenceEntry } from './reference-format.ts'
import { referenceLog } from './reference-log.ts'

interface Kind {
  path: (output: string) => string
  text: (results: AsyncIterable<QuestionResult>) => AsyncIterable<string>
}

const ending = (end: string) => (output: string) => `${output}${end}`

const kinds = {
  jsonl: [{ path: ending('.jsonl'), text: lines }],
  csv: [{ path: ending('.csv'), text: csv }],
  preferences: [{ path: ending('.preferences.jsonl'), text: preferences }],
  reference: [
    { path: ending('.json'), text: reference },
    {
      path: (output) => join(dirname(output), 'logs', `${basename(output)}.jsonl`),
      text: logs,
    },
  ],
} satisfies Record<string, Kind[]>

export type Format = keyof typeof kinds
export const formats = Object.keys(kinds) as Format[]

/**
 * Writes each format whole or not at all; returns their paths. `results` is read once for each, so
 * that a batch of any length takes no more memory than one result.
 */
export async function writeResults(
  output: string,
  wanted: readonly Format[],
  results: () => AsyncIterable<QuestionResult>,
): Promise<string[]> {
  const paths: string[] = []
  for (const { path: pathOf, text } of wanted.flatMap((format): Kind[] => kinds[format])) {
    const path = pathOf(output)
    await mkdir(dirname(path), { recursive: true })
    await pipeline(
      Readable.from(text(results())),
      createWriteStream(`${path}.new`, { flush: true }),
    )
    await rename(`${path}.new`, path)
    paths.push(path)
  }
  return paths
}

async function* lines(results: AsyncIterable<QuestionResult>) {
  for await (const result of results) yield resultLine(result)
}

async function* csv(results: AsyncIterable<QuestionResult>) {
  const rows = []
  for await (const result of results) rows.push(resultRow(result))
  yield resultsCsv(rows)
}

async function* preferences(results: AsyncIterable<QuestionResult>) {
  for await (const { record } of results) if (record !== null) yield* preferencesJsonl([record])
}

/** A JSON list with one object for each question, as the reference writes it. */
async function* reference(results: AsyncIterable<QuestionResult>) {
  let before = '[\n'
  for await (const { record } of results) {
    if (record === null) continue
    yield before + JSON.stringify(referenceEntry(record), null, 2)
    before = ',\n'
  }
  yield before === '[\n' ? '[]\n' : '\n]\n'
}

async function* logs(results: AsyncIterable<QuestionResult>) {
  for await (const { question, record } of results) {
    if (record === null) continue
    for (const entry of referenceLog(question.id, record)) yield `${JSON.stringify(entry)}\n`
  }
}
