/** Damage at random: what is left of a model loads, or is one clear line. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildClassifier } from '../../inference/graph/build.ts'
import { readChatTemplate } from '../../inference/text/chat-template.ts'
import { readClassifierConfig } from '../../inference/model/config.ts'
import { InferenceError } from '../../inference/errors.ts'
import { type ModelFolder, readModelFolder } from '../../inference/model/folder.ts'
import { loadClassifier } from '../../inference/scoring/classifier.ts'
import { cpu } from '../../inference/runtime/target.ts'
import { readTokenizer } from '../../inference/text/tokenizer.ts'
import { fixture, logitsOf, withCopy } from './fixtures.ts'
import { readParts, safetensors } from './model-files.ts'

const classifier = 'tiny-reward-fp32'
const sequence = Int32Array.of(5, 6, 7)

type Outcome = 'works' | 'is refused in one line'

/** What becomes of a model; rejects with anything that is no clear refusal. */
async function outcome(load: () => Promise<void>): Promise<Outcome> {
  try {
    await load()
    return 'works'
  } catch (error) {
    if (!(error instanceof InferenceError) || error.message.includes('\n')) throw error
    return 'is refused in one line'
  }
}
const anyOutcome: Outcome[] = ['works', 'is refused in one line']

/** Builds the model's graph, and runs it as long as there are `starts`: each is a process. */
const scoring = (starts: number) => (folder: () => Promise<ModelFolder>) =>
  outcome(async () => {
    const read = await folder()
    buildClassifier(read, readClassifierConfig(read), cpu)
    if (starts-- <= 0) return
    const model = await loadClassifier(read, { threads: 1 })
    await logitsOf(model, [{ ids: sequence, position: 2 }])
    await model.close()
  })

const number = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.maxSafeInteger(),
  fc.constantFrom(-0, 2 ** 53),
)
/** What stands in JSON where something else should. */
const nonsense = fc.oneof(number, fc.jsonValue({ maxDepth: 2 }), fc.constant('__proto__'))

type Path = readonly (string | number)[]

/** The places in a JSON value, of long lists and objects the first ones. */
function places(json: unknown, path: Path = []): Path[] {
  if (json === null || typeof json !== 'object') return [path]
  const entries: [string | number, unknown][] = Array.isArray(json)
    ? json.slice(0, 5).map((value, place) => [place, value])
    : Object.entries(json).slice(0, 60)
  return [path, ...entries.flatMap(([key, value]) => places(value, [...path, key]))]
}

/** A copy with another value at one place. */
function replaced(json: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value
  if (Array.isArray(json)) return json.with(Number(key), replaced(json[Number(key)], rest, value))
  if (json === null || typeof json !== 'object') return value
  return { ...json, [key]: replaced(Reflect.get(json, key), rest, value) }
}

const damaged = (json: unknown) =>
  fc
    .tuple(fc.constantFrom(...places(json)), nonsense)
    .map(([place, value]) => replaced(json, place, value))

test('a header with nonsense somewhere', async () => {
  await withCopy(classifier, async (path) => {
    const file = join(path, 'model.safetensors')
    const { text, data } = await readParts(file)
    const scores = scoring(10)
    await fc.assert(
      fc.asyncProperty(damaged(JSON.parse(text)), async (header) => {
        await writeFile(file, safetensors(JSON.stringify(header) ?? '', data))
        expect(anyOutcome).toContain(await scores(() => readModelFolder(path)))
      }),
      { numRuns: 150 },
    )
  })
})

test('a header with bytes turned over', async () => {
  await withCopy(classifier, async (path) => {
    const file = join(path, 'model.safetensors')
    const whole = await readFile(file)
    const end = 8 + Number(whole.readBigUInt64LE())
    const scores = scoring(10)
    const flip = fc.tuple(fc.nat({ max: end - 1 }), fc.integer({ min: 1, max: 255 }))
    await fc.assert(
      fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 4 }), async (flips) => {
        const bytes = Buffer.from(whole)
        for (const [place, bits] of flips) bytes.writeUInt8(bytes.readUInt8(place) ^ bits, place)
        await writeFile(file, bytes)
        expect(anyOutcome).toContain(await scores(() => readModelFolder(path)))
      }),
      { numRuns: 150 },
    )
  })
})

test('weights cut off anywhere never load', async () => {
  await withCopy(classifier, async (path) => {
    const file = join(path, 'model.safetensors')
    const whole = await readFile(file)
    const scores = scoring(0)
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: whole.length - 1 }), async (length) => {
        await writeFile(file, whole.subarray(0, length))
        expect(await scores(() => readModelFolder(path))).toBe('is refused in one line')
      }),
      { numRuns: 50 },
    )
  })
})

test.each([classifier, 'tiny-gemma3-fp32', 'tiny-qwen2-bf16', 'tiny-mistral-fp16'])(
  '%s: a config with nonsense somewhere',
  async (name) => {
    const folder = await readModelFolder(fixture(name))
    const scores = scoring(5)
    await fc.assert(
      fc.asyncProperty(damaged(folder.config), async (config) => {
        expect(anyOutcome).toContain(await scores(async () => ({ ...folder, config })))
      }),
      { numRuns: 100 },
    )
  },
)

test.each(['tokenizer', 'tokenizerConfig'] as const)(
  'a %s with nonsense somewhere',
  async (file) => {
    const folder = await readModelFolder(fixture('tiny-gemma3-fp32'))
    const messages = [{ role: 'user', content: 'Hé 你好 <|end|> 12\n x' }]
    await fc.assert(
      fc.asyncProperty(damaged(folder[file]), async (json) => {
        const encodes = outcome(async () => {
          const tokenizer = readTokenizer({ ...folder, [file]: json })
          const template = readChatTemplate({ ...folder, [file]: json })
          tokenizer.encodeChat(template, messages, { addGenerationPrompt: true })
          tokenizer.encodeText('Hé 你好', { addSpecialTokens: true })
        })
        expect(anyOutcome).toContain(await encodes)
      }),
      { numRuns: 300 },
    )
  },
)
