/** A reward model: one number for a sequence. */
import type { ChatMessage } from '../inference/chat-template.ts'
import { type ChatText, readChatText } from '../inference/chat-text.ts'
import { InferenceError } from '../inference/errors.ts'
import { readModelFolder } from '../inference/folder.ts'
import { pooledPosition } from '../inference/heads.ts'
import { readLabels } from '../inference/labels.ts'
import {
  type Classifier,
  type ClassifierOptions,
  loadClassifier,
} from '../inference/scoring/classifier.ts'
import type { DeviceState } from '../inference/scoring/device.ts'
import type { ScoredGroup } from '../inference/scoring/scorer.ts'
import { type Provider, type TypeName, typeNames } from '../inference/target.ts'
import type { Settings } from '../shared/settings.ts'

/** What is scored: a whole conversation, a text that spells out its control tokens, or its ids. */
export type SequenceSource =
  | { messages: readonly ChatMessage[] }
  | { text: string; addSpecialTokens: boolean }
  | { ids: readonly number[] }

export interface RewardModel extends Pick<
  Classifier,
  'devices' | 'limits' | 'maxWaiting' | 'waiting'
> {
  /** Under which the model is served, as its folder has it. */
  name: string
  /** SHA-256 of the chat template, first 16 hex digits. */
  templateHash: string
  /** The type it computes in, and ONNX Runtime's name of what it runs on. */
  dtype: TypeName
  provider: Provider
  /** The longest sequence it takes, in tokens. */
  context: number
  /** The name of its one label. */
  label: string
  /** Length of the conversation without an answer, in tokens. */
  promptTokens: (messages: readonly ChatMessage[]) => number
  /**
   * Ids of a sequence. Throws an `InferenceError` of fault `prompt` when the model knows no such
   * conversation or ids.
   */
  encode: (source: SequenceSource) => Int32Array
  /**
   * The raw logits, in order. Rejects as `Scorer.score` does, and with an `InferenceError` when one
   * is not a number.
   */
  rewards: (sequences: readonly Int32Array[], signal: AbortSignal) => Promise<Rewards>
  /** It scores, is being started again, or never will. */
  state: () => DeviceState
  close: () => Promise<void>
}

export interface Rewards extends Pick<ScoredGroup, 'timing'> {
  rewards: number[]
}

export interface RewardModelOptions extends ClassifierOptions {
  /**
   * `hf` is the rule of transformers, which passes over an end token that is the padding token
   * too. `last` is vLLM's rule, `mask` OpenRLHF's; nothing is padded here, so they are the same.
   */
  pooling: Settings['reward_pooling']
  /** A chat template (Jinja) in place of the folder's own. */
  chatTemplate?: string | undefined
}

/** Throws an `InferenceError` when the folder holds no classifier with one label. */
export async function loadRewardModel(
  path: string,
  { pooling, chatTemplate, ...options }: RewardModelOptions,
): Promise<RewardModel> {
  const folder = await readModelFolder(path, chatTemplate)
  const text = readChatText(folder)
  const classifier = await loadClassifier(folder, options)
  const { decoder, width } = classifier
  const [label] = readLabels(folder, width)
  if (width !== 1 || label === undefined) {
    await classifier.close()
    throw new InferenceError(
      'model',
      `${path} is a classifier with ${width} labels; a reward model has one. Choose a model that was trained with num_labels=1`,
    )
  }
  const padToken = pooling === 'hf' ? decoder.padToken : null
  return {
    name: folder.name,
    templateHash: text.templateHash,
    dtype: typeNames[classifier.target.type],
    provider: classifier.target.provider,
    context: decoder.context,
    label,
    devices: classifier.devices,
    limits: classifier.limits,
    maxWaiting: classifier.maxWaiting,
    waiting: classifier.waiting,
    state: classifier.state,
    close: classifier.close,
    promptTokens: (messages) => text.encodeChat(messages, { addGenerationPrompt: true }).length,
    encode(source) {
      const ids = idsOf(text, source)
      const unknown = ids.find((id) => id >= decoder.vocabulary)
      if (unknown === undefined) return Int32Array.from(ids)
      throw new InferenceError(
        'ids' in source ? 'prompt' : 'model',
        `there is no token ${unknown}; the ids of ${folder.name} end at ${decoder.vocabulary - 1}`,
      )
    },
    async rewards(sequences, signal) {
      const reads = sequences.map((ids) => ({ ids, reads: [pooledPosition(ids, padToken)] }))
      const { logits, timing } = await classifier.score(reads, signal)
      return { rewards: logits.map(([logit]) => expectNumber(logit, folder.name)), timing }
    },
  }
}

function idsOf(text: ChatText, source: SequenceSource): readonly number[] | Int32Array {
  if ('messages' in source) return text.encodeChat(source.messages, { addGenerationPrompt: false })
  return 'text' in source ? text.encodeText(source.text, source) : source.ids
}

function expectNumber(logit: number | undefined, model: string): number {
  if (logit !== undefined && Number.isFinite(logit)) return logit
  throw new InferenceError(
    'worker',
    `${model} gave ${logit} in place of a reward; its weights may be damaged`,
  )
}
