/** The results of a batch as files, in the order of its questions. */
import { createWriteStream } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
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

interface Kind {
  /** After the name of the output. */
  ending: string
  text: (results: AsyncIterable<QuestionResult>) => AsyncIterable<string>
}

const kinds = {
  jsonl: { ending: '.jsonl', text: lines },
  csv: { ending: '.csv', text: csv },
  preferences: { ending: '.preferences.jsonl', text: preferences },
  reference: { ending: '.json', text: reference },
} satisfies Record<string, Kind>

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
  for (const format of wanted) {
    const { ending, text } = kinds[format]
    const path = `${output}${ending}`
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
