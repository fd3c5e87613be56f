/**
 * SGLang serving a classifier (`--is-embedding`): `POST /classify` with rendered texts, raw logits.
 * SGLang renders no chat there: its clients do, with the model's own template, and its tokenizer
 * puts BOS before the text.
 */
import { Template } from '@huggingface/jinja'
import { z } from 'zod'
import { problem } from '../../../shared/problems.ts'
import { SettingsError } from '../../../shared/settings.ts'
import type { Message } from '../../../shared/tpo.ts'
import { bare, type RewardContract, servesOneModel } from './contract.ts'

const Answer = z.array(z.object({ embedding: z.tuple([z.number()]) }))

const ModelInfo = z.object({ model_path: z.string() })

/** Its engine's errors, those of its request validation, and that of its key check. */
const ErrorAnswer = z.union([
  z.object({ error: z.object({ message: z.string() }) }).transform(({ error }) => error.message),
  z.object({ message: z.string() }).transform(({ message }) => message),
  z.object({ error: z.string() }).transform(({ error }) => error),
])

const speaker = 'an SGLang server with a reward model of one label'

/** The contract for a model with this chat template. Throws a `SettingsError` where it is no use. */
export function sglang(chatTemplate: string | undefined): RewardContract {
  const template = compile(chatTemplate)
  return {
    speaker,
    path: '/classify',
    toRequests({ model, messages, candidates }) {
      servesOneModel(model, speaker)
      const text = candidates.map((content) =>
        render(template, [...messages, { role: 'assistant', content }]),
      )
      return [{ text }]
    },
    detailed: false,
    fromAnswer: (body) => bare(Answer.safeParse(body).data?.map(({ embedding: [logit] }) => logit)),
    fromError: (body) => ErrorAnswer.safeParse(body).data,
    health: '/health',
    about: {
      path: '/get_model_info',
      read(body) {
        const model = ModelInfo.safeParse(body).data?.model_path
        return model === undefined ? undefined : { model }
      },
    },
  }
}

const setting = 'TPO_REWARD_CHAT_TEMPLATE'

/** Special tokens that templates name and only the model's tokenizer knows. */
const unknownTokens = ['eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token']

function compile(source: string | undefined): Template {
  // On Workers, where there are no files, the path of one would be taken for a template.
  if (source === undefined || !source.includes('{')) {
    throw new SettingsError(
      `${setting} must hold the reward model's chat template: SGLang scores texts that are rendered already`,
    )
  }
  const names = (token: string) => new RegExp(String.raw`\b${token}\b`).test(source)
  const sets = (token: string) => new RegExp(String.raw`\bset\s+${token}\b`).test(source)
  const token = unknownTokens.find((token) => names(token) && !sets(token))
  if (token !== undefined) {
    throw new SettingsError(
      `${setting} names ${token}, which stands in the model's tokenizer_config.json: begin the template with {% set ${token} = '…' %}`,
    )
  }
  try {
    const template = new Template(source)
    rendered(template, [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hi' },
    ])
    return template
  } catch (cause) {
    throw new SettingsError(`${setting} holds no chat template: ${reasonOf(cause)}`, { cause })
  }
}

function render(template: Template, messages: readonly Message[]): string {
  try {
    return rendered(template, messages)
  } catch (cause) {
    throw problem(
      'reward_refused',
      `The reward model's chat template refuses this conversation: ${reasonOf(cause)}.`,
      { cause },
    )
  }
}

const rendered = (template: Template, messages: readonly Message[]) =>
  template.render({
    messages,
    tools: null,
    documents: null,
    add_generation_prompt: false,
    // The server's tokenizer puts it there.
    bos_token: '',
  })

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
