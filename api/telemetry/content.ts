/** Content of a run as attributes; asked for only where it may be captured. */
import { attribute } from '../../shared/telemetry/names.ts'
import type { Attributes } from '../../shared/telemetry/traced.ts'
import type { Message } from '../../shared/tpo.ts'
import type { Choice } from '../policy/policy.ts'

const json = 'application/json'

export const jsonInput = (value: unknown): Attributes => ({
  [attribute.input]: JSON.stringify(value),
  [attribute.inputType]: json,
})

export const jsonOutput = (value: unknown): Attributes => ({
  [attribute.output]: JSON.stringify(value),
  [attribute.outputType]: json,
})

export const textOutput = (text: string): Attributes => ({
  [attribute.output]: text,
  [attribute.outputType]: 'text/plain',
})

/** A conversation of one message is shown as it reads. */
export function questionInput(messages: readonly Message[]): Attributes {
  const [question, ...more] = messages
  return question === undefined || more.length > 0
    ? jsonInput(messages)
    : { [attribute.input]: question.content, [attribute.inputType]: 'text/plain' }
}

/** A prompt by both conventions. */
export const promptContent = (messages: readonly Message[]): Attributes => ({
  ...jsonInput({ messages }),
  [attribute.inputMessages]: JSON.stringify(
    messages.map(({ role, content }) => ({ role, parts: [{ type: 'text', content }] })),
  ),
})

/** Answers by both conventions. */
export const answerContent = (choices: readonly Choice[]): Attributes => ({
  ...jsonOutput(choices.map(({ content }) => content)),
  [attribute.outputMessages]: JSON.stringify(
    choices.map(({ content, reasoning, finish_reason }) => ({
      role: 'assistant',
      parts: [
        ...(reasoning === '' ? [] : [{ type: 'reasoning', content: reasoning }]),
        { type: 'text', content },
      ],
      finish_reason,
    })),
  ),
})
