/** Text to token ids in threads. */
import { describe, expect, test } from 'vitest'
import { readChatText } from '../../inference/text/chat-text.ts'
import { InferenceError } from '../../inference/errors.ts'
import { readModelFolder } from '../../inference/model/folder.ts'
import { TooManyTokens } from '../../inference/text/too-many-tokens.ts'
import { SequenceError, startTextPool } from '../../inference/text/text-pool.ts'
import { families, fixture } from './fixtures.ts'

const never = new AbortController().signal
const options = { limit: 512, truncate: false, explain: false }
const chat = (question: string, answer: string) => [
  { role: 'user', content: question },
  { role: 'assistant', content: answer },
]

const poolOf = async (name: string) => startTextPool(await readModelFolder(fixture(name)))

test.each(['tiny-reward-fp32', ...families])(
  '%s: read part by part, a chat has the ids of its text as a whole',
  async (name) => {
    const text = readChatText(await readModelFolder(fixture(name)))
    const question = ' Wo ist\tder  Plan? \u0065\u0301 \n\n👋🏽 '
    for (const answer of ['', ' a', 'b ', 'a\n\nb', question, 'a']) {
      const messages = chat(question, answer)
      const whole = text.encodeText(text.renderChat(messages), { addSpecialTokens: false })
      expect(text.encodeChat(messages, { addGenerationPrompt: false })).toEqual(whole)
    }
  },
)

describe('the pool', () => {
  test('keeps the order of many sequences, and callers take turns', async () => {
    const pool = await poolOf('tiny-reward-fp32')
    const text = readChatText(await readModelFolder(fixture('tiny-reward-fp32')))
    const sources = Array.from({ length: 400 }, (_, index) => ({
      messages: chat(`Question ${'word '.repeat(60)}`, `${index} ${'word '.repeat(index % 60)}`),
    }))
    const ended: string[] = []
    const many = pool.encode(sources, options, never).finally(() => ended.push('many'))
    expect(pool.waiting()).toBe(400)
    const one = pool.encode(sources.slice(0, 1), options, never).finally(() => ended.push('one'))
    const encoded = await many
    await one
    expect(ended).toEqual(['one', 'many'])
    expect(pool.waiting()).toBe(0)
    expect(encoded.map(({ ids }) => ids)).toEqual(
      sources.map(({ messages }) => text.encodeChat(messages, { addGenerationPrompt: false })),
    )
    await pool.close()
  })

  test('errors keep their kind and say which sequence they are of', async () => {
    const pool = await poolOf('tiny-gemma2-bf16')
    const good = { messages: chat('a', 'b') }
    const refusal = async (bad: Parameters<typeof pool.encode>[0][number]) => {
      const sources = [...Array.from({ length: 40 }, () => good), bad, good, bad]
      const error: unknown = await pool.encode(sources, options, never).catch((error) => error)
      if (!(error instanceof SequenceError)) throw error
      expect(error.index).toBe(40)
      return error.cause
    }
    const refused = await refusal({ messages: [{ role: 'system', content: 'a' }] })
    expect(refused).toBeInstanceOf(InferenceError)
    expect(refused).toMatchObject({ fault: 'prompt', message: expect.stringMatching(/refuses/) })
    const long = await refusal({ messages: chat('a', 'word '.repeat(2000)) })
    expect(long).toBeInstanceOf(TooManyTokens)
    expect(pool.waiting()).toBe(0)
    await pool.close()
  })

  test('a caller that leaves is not worked for any more', async () => {
    const pool = await poolOf('tiny-reward-fp32')
    const sources = Array.from({ length: 400 }, () => ({
      messages: chat('a', 'word '.repeat(50)),
    }))
    const leaving = new AbortController()
    const left = pool.encode(sources, options, leaving.signal)
    leaving.abort(new Error('left'))
    await expect(left).rejects.toThrow('left')
    await pool.encode(sources.slice(0, 1), options, never)
    expect(pool.waiting()).toBe(0)
    await pool.close()
  })

  test('a folder that cannot be used is an error of the model', async () => {
    const folder = await readModelFolder(fixture('tiny-reward-fp32'))
    await expect(startTextPool({ ...folder, chatTemplate: '{% if %}' })).rejects.toMatchObject({
      name: 'InferenceError',
      fault: 'model',
    })
    await expect(startTextPool({ ...folder, tokenizer: {} })).rejects.toMatchObject({
      fault: 'model',
    })
  })
})
