/** The same sequences scored here and by transformers, on the same cores, by turns. */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { resolve } from 'node:path'
import { z } from 'zod'
import { cpuDevice, group, randomIds, shared } from './cpu-device.ts'
import { median, rounded } from './rounds.ts'

const Answer = z.object({ seconds: z.number(), logits: z.array(z.number()) })
const Versions = z.object({ transformers: z.string(), torch: z.string() })

/** Null where there is no Python with transformers; TPO_BENCH_PYTHON names one. */
export async function transformers(threads: number) {
  const path = resolve('models/nano-reward')
  const python = await startPython(path, threads)
  if (python === null) return null
  const device = await cpuDevice(path, threads)
  const cases = {
    'one sequence of 256 tokens': [randomIds(256)],
    '16 sequences of 64 to 256 tokens': Array.from({ length: 16 }, (_, index) =>
      randomIds(64 + 12 * (index + 1)),
    ),
    'a prompt of 224 tokens and 5 answers of 32': group(224, 5, 32),
  }
  const results: Record<string, object> = {}
  for (const [name, sequences] of Object.entries(cases)) {
    const batch = shared(sequences)
    const [ours, theirs]: [number[], number[]] = [[], []]
    let difference = 0
    for (let round = 0; round <= 40; round++) {
      const began = performance.now()
      const { logits } = await device.run(batch)
      const milliseconds = performance.now() - began
      const answer = await python.score(sequences)
      difference = Math.max(
        ...answer.logits.map((logit, i) => Math.abs(logit - (logits[i] ?? NaN))),
      )
      if (round === 0) continue
      ours.push(milliseconds)
      theirs.push(1000 * answer.seconds)
    }
    results[name] = {
      here_ms: { median: rounded(median(ours)), fastest: rounded(Math.min(...ours)) },
      transformers_ms: { median: rounded(median(theirs)), fastest: rounded(Math.min(...theirs)) },
      transformers_over_here: {
        median: rounded(median(theirs) / median(ours)),
        of_fastest: rounded(Math.min(...theirs) / Math.min(...ours)),
      },
      largest_difference_of_logits: difference,
    }
  }
  await device.close()
  python.close()
  return {
    what: `nano-reward in fp32: one call here (with the way to its process and back) against one forward pass of transformers ${python.versions.transformers}, torch ${python.versions.torch}, padded`,
    results,
    target: 'transformers / here ≥ 1',
  }
}

async function startPython(path: string, threads: number) {
  const command = process.env['TPO_BENCH_PYTHON'] ?? 'python3'
  const script = resolve('tests/bench/reference.py')
  const child = spawn(command, [script, path, String(threads)], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  child.on('error', () => undefined)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const first = await lines.next()
  if (first.done === true) return null
  return {
    versions: Versions.parse(JSON.parse(first.value)),
    async score(sequences: readonly Int32Array[]) {
      child.stdin.write(`${JSON.stringify(sequences.map((ids) => [...ids]))}\n`)
      const { value } = await lines.next()
      return Answer.parse(JSON.parse(String(value)))
    },
    close: () => void child.stdin.end(),
  }
}
