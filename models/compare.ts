/**
 * Measures the demo pair on held-out questions, judged by the program that knows them, and writes
 * what `tpo compare` says of it:
 *
 *     node models/compare.ts [--questions 100] [--repeat 3] [--to docs/demo]
 *
 * What is finished is kept in results/, so the same command goes on where it was stopped.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { serve } from '@hono/node-server'
import { z } from 'zod'
import { kinds } from './generate/scenario.ts'
import { createJudge } from './judge.ts'

const HeldOut = z.object({
  questions: z.array(
    z.object({
      question: z.string(),
      kind: z.enum([...kinds, 'other']),
      facts: z.array(z.object({ key: z.string(), core: z.string(), label: z.string() })),
    }),
  ),
})

const { values } = parseArgs({
  options: {
    questions: { type: 'string', default: '100' },
    repeat: { type: 'string', default: '3' },
    to: { type: 'string', default: 'docs/demo' },
  },
})
const root = fileURLToPath(new URL('..', import.meta.url))
const heldOut = readFileSync(new URL('held-out.json', import.meta.url), 'utf8')
const { questions } = HeldOut.parse(JSON.parse(heldOut))
const asked = questions.slice(0, Number(values.questions))

const folder = join(root, 'results', 'demo')
mkdirSync(folder, { recursive: true })
const file = join(folder, 'questions.json')
writeFileSync(file, JSON.stringify(asked.map(({ question }) => question)))

const judge = serve({ fetch: createJudge(asked).fetch, hostname: '127.0.0.1', port: 0 })
await once(judge, 'listening')
const address = judge.address()
const port = typeof address === 'object' ? address?.port : undefined
const output = join(folder, 'report')
const args = ['compare', file, '-o', output, '--repeat', values.repeat, '-c', '4']
const child = spawn(
  process.execPath,
  [join(root, 'clients/cli/tpo.ts'), ...args, '--judge', `http://127.0.0.1:${port}`],
  { stdio: 'inherit' },
)
const [code] = await once(child, 'exit')
judge.close()
if (code === 0) {
  mkdirSync(values.to, { recursive: true })
  for (const ending of ['html', 'json']) {
    copyFileSync(`${output}.${ending}`, join(values.to, `report.${ending}`))
  }
}
process.exitCode = typeof code === 'number' ? code : 130
