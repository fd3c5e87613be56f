/** The results of a batch as files, in the order of its questions. */
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { csvRow } from '../../common/csv-text.ts'
import { preferencesJsonl } from '../../common/export/preferences.ts'
import {
  type QuestionResult,
  resultLine,
  resultRow,
  resultsCsv,
} from '../../common/export/results.ts'
import { cannotKeep } from './checkpoints.ts'
import type { MadeWith } from './html-report.ts'
import { referenceEntry } from './reference-format.ts'
import { referenceLog } from './reference-log.ts'

interface Kind {
  path: (output: string) => string
  text: (results: AsyncIterable<QuestionResult>, madeWith: MadeWith) => AsyncIterable<string>
}

const ending = (end: string) => (output: string) => `${output}${end}`

const kinds = {
  jsonl: [{ path: ending('.jsonl'), text: lines }],
  csv: [{ path: ending('.csv'), text: csv }],
  html: [{ path: ending('.html'), text: html }],
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

const kindsOf = (wanted: readonly Format[]) =>
  wanted.flatMap((format): readonly Kind[] => kinds[format])

/** Where the results in these formats go. */
export const resultPaths = (output: string, wanted: readonly Format[]): string[] =>
  kindsOf(wanted).map(({ path }) => path(output))

/**
 * Writes each format whole or not at all; returns their paths. `results` is read once for each, so
 * that a batch of any length takes no more memory than one result.
 */
export async function writeResults(
  output: string,
  wanted: readonly Format[],
  results: () => AsyncIterable<QuestionResult>,
  madeWith: MadeWith,
): Promise<string[]> {
  const paths: string[] = []
  for (const { path: pathOf, text } of kindsOf(wanted)) {
    const path = pathOf(output)
    const fresh = `${path}.new`
    await mkdir(dirname(path), { recursive: true })
    try {
      await pipeline(
        Readable.from(text(results(), madeWith)),
        createWriteStream(fresh, { flush: true }),
      )
      await rename(fresh, path)
    } catch (error) {
      await rm(fresh, { force: true }).catch(() => undefined)
      throw cannotKeep(path, error)
    }
    paths.push(path)
  }
  return paths
}

async function* lines(results: AsyncIterable<QuestionResult>) {
  for await (const result of results) yield resultLine(result)
}

async function* csv(results: AsyncIterable<QuestionResult>) {
  yield resultsCsv([])
  for await (const result of results) yield csvRow(resultRow(result))
}

/** A report takes as much code as all the rest of a batch. */
async function* html(results: AsyncIterable<QuestionResult>, madeWith: MadeWith) {
  const { htmlReport } = await import('./html-report.ts')
  yield* htmlReport(results, madeWith)
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
