/** Chat templates as models bring them: broken, endless, none at all. */
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type ChatTemplate, readChatTemplate } from '../../inference/text/chat-template.ts'
import { InferenceError } from '../../inference/errors.ts'
import { readModelFolder } from '../../inference/model/folder.ts'
import { loadRewardModel } from '../../reward-service/load.ts'
import { idsOf } from '../reward-service/serve-model.ts'
import { fixture, withCopy } from './fixtures.ts'

const classifier = 'tiny-reward-fp32'

const read = async (source: string): Promise<ChatTemplate> =>
  readChatTemplate(await readModelFolder(fixture(classifier), source))
const refusal = async (source: string) => {
  const error: unknown = await read(source).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(InferenceError)
  expect(error).toMatchObject({ fault: 'model', message: expect.not.stringContaining('\n') })
  return error instanceof Error ? error.message : ''
}

const grown = (start: string, times: number) =>
  `{% set ns = namespace(x=${start}) %}{% for i in range(${times}) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}`

test.each([
  ['a syntax error', '{% for %}', /cannot be read: /],
  ['brackets without end', `{{ ${'('.repeat(50_000)} }}`, /cannot be read: /],
  ['a list past all memory', '{% for i in range(10**9) %}a{% endfor %}', /100000 entries$/],
  ['a list that doubles', grown('[1]', 60), /100000 entries$/],
  ['a text that doubles', grown("'aaaaaaaaaa'", 60), /makes more than \d+ characters$/],
  [
    'loops in loops that do nothing',
    '{% for i in range(10**5) %}{% for j in range(10**5) %}{% endfor %}{% endfor %}',
    /cannot render a question and its answer: it runs longer than 3 s$/,
  ],
  ['a question is too much for it', "{{ raise_exception('never') }}", /its answer: never$/],
  ['something it does not have', '{{ load_file("/etc/passwd") }}', /cannot render a question/],
])('%s: one line when the model loads, and the process goes on', async (_, source, message) => {
  expect(await refusal(source)).toMatch(message)
})

test('a template that some messages set off is a refusal of these', async () => {
  const template = await read(
    "{% if messages | length > 2 %}{% for i in range(10**9) %}a{% endfor %}{% endif %}{{ messages[0]['content'] }}",
  )
  const options = { addGenerationPrompt: false }
  const message = { role: 'user', content: 'Hi' }
  expect(template.render([message], options)).toBe('Hi')
  expect(() => template.render([message, message, message], options)).toThrow(
    expect.objectContaining({
      fault: 'prompt',
      message: expect.stringMatching(/^the model's chat template refuses these messages: it makes/),
    }),
  )
})

test('what templates call beside loops', async () => {
  const render = async (source: string) =>
    (await read(source)).render([{ role: 'user', content: 'Hi' }], { addGenerationPrompt: true })
  expect(await render('{{ range(3) | list }}{{ range(5, 0, -2) | list }}')).toBe(
    '[0, 1, 2][5, 3, 1]',
  )
  expect(await render("{{ strftime_now('%Y') }}")).toBe(String(new Date().getFullYear()))
  expect(await render('{{ none is none and True and not false }}{{ bos_token }}')).toMatch(/^true./)
  expect(await render('{{ x is defined }}{{ add_generation_prompt }}')).toBe('falsetrue')
})

test('a thousand long turns are nothing unusual', async () => {
  const turns = Array.from({ length: 1000 }, (_, turn) => ({
    role: turn % 2 === 0 ? 'user' : 'assistant',
    content: `${'All is well. '.repeat(1000)}${turn}`,
  }))
  const template = readChatTemplate(await readModelFolder(fixture('tiny-gemma2-bf16')))
  const text = template.render(turns, { addGenerationPrompt: true })
  expect(text.match(/<start_of_turn>/g)).toHaveLength(1001)
  expect(text.length).toBeGreaterThan(13_000_000)
})

describe('a model without a template', () => {
  const bare = <T>(use: (path: string) => Promise<T>) =>
    withCopy(classifier, async (path) => {
      await rm(join(path, 'chat_template.jinja'))
      return use(path)
    })
  const load = (path: string, chatTemplate?: string) =>
    loadRewardModel(path, { pooling: 'hf', threads: 1, chatTemplate })

  test('says how to give one', async () => {
    await bare(async (path) => {
      await expect(load(path)).rejects.toThrow(
        `${path} has no chat template; put the one that the model was trained with into chat_template.jinja there, or name its file in TPO_REWARD_CHAT_TEMPLATE if it is a reward model`,
      )
    })
  })

  test('takes the one it is given, as if it were its own', async () => {
    const source = await readFile(join(fixture(classifier), 'chat_template.jinja'), 'utf8')
    const own = await load(fixture(classifier))
    const given = await bare((path) => load(path, source))
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello' },
    ]
    expect(given.templateHash).toBe(own.templateHash)
    expect(await idsOf(given, messages)).toEqual(await idsOf(own, messages))
    await Promise.all([own.close(), given.close()])
  })

  test('a given one beats the one in the folder, and is checked alike', async () => {
    await withCopy(classifier, async (path) => {
      await writeFile(join(path, 'chat_template.jinja'), '{% broken')
      const source = await readFile(join(fixture(classifier), 'chat_template.jinja'), 'utf8')
      await (await load(path, source)).close()
    })
    await expect(load(fixture(classifier), '{% for %}')).rejects.toThrow(/cannot be read/)
  })
})
