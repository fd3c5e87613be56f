/** A reward model: one number for a sequence. */
import type { ChatMessage } from '../inference/chat-template.ts'
import { type ChatText, readChatText } from '../inference/chat-text.ts'
import { InferenceError } from '../inference/errors.ts'
import { type ModelFolder, readModelFolder } from '../inference/folder.ts'
import { readLabelRule } from '../inference/labels.ts'
import { readPairText, takesPairs } from '../inference/pair-text.ts'
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

export interface RewardModel {
  /** Under which the model is served, as its folder has it. */
  name: string
  /** SHA-256 of the chat template, first 16 hex digits. */
  templateHash: string
  /** The type it computes in, and ONNX Runtime's name of what it runs on. */
  dtype: TypeName
  provider: Provider
  /** The longest sequence it takes, in tokens. */
  context: number
  /** The name of the label whose logit is the reward. */
  label: string
  /** Sequences that may wait for the model. */
  maxWaiting: number
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
  /** Which label's logit is the reward, where there are several: see `readLabelRule`. */
  label?: string | undefined
  /** A chat template (Jinja) in place of the folder's own. */
  chatTemplate?: string | undefined
}

/**
 * Throws an `InferenceError` when the folder holds no classifier, or one with several labels of
 * which none was chosen.
 */
export async function loadRewardModel(
  path: string,
  { pooling, label: asked, chatTemplate, ...options }: RewardModelOptions,
): Promise<RewardModel> {
  const folder = await readModelFolder(path, chatTemplate)
  const text = takesPairs(folder) ? readPairText(folder) : readChatText(folder)
  const classifier = await loadClassifier(folder, options)
  const { context, vocabulary } = classifier
  const rule = await ruleOf(folder, classifier, asked)
  const reads = (ids: Int32Array) => classifier.reads(ids, pooling === 'hf')
  return {
    name: folder.name,
    templateHash: text.templateHash,
    dtype: typeNames[classifier.target.type],
    provider: classifier.target.provider,
    context,
    label: rule.label,
    maxWaiting: classifier.maxWaiting,
    state: classifier.state,
    close: classifier.close,
    promptTokens: (messages) => text.encodeChat(messages, { addGenerationPrompt: true }).length,
    encode(source) {
      const ids = Int32Array.from(idsOf(text, source))
      const unknown = ids.find((id) => id >= vocabulary)
      if (unknown !== undefined) {
        throw new InferenceError(
          'ids' in source ? 'prompt' : 'model',
          `there is no token ${unknown}; the ids of ${folder.name} end at ${vocabulary - 1}`,
        )
      }
      // Throws where the head finds nothing to read.
      if (ids.length > 0) reads(ids)
      return ids
    },
    async rewards(sequences, signal) {
      const read = sequences.map((ids) => ({ ids, reads: reads(ids) }))
      const { logits, timing } = await classifier.score(read, signal)
      const rewards = logits.map((own) => expectNumber(rule.reward(own), folder.name))
      return { rewards, timing }
    },
  }
}

async function ruleOf(folder: ModelFolder, classifier: Classifier, asked: string | undefined) {
  try {
    return readLabelRule(folder, classifier.width, asked)
  } catch (error) {
    await classifier.close()
    throw error
  }
}

function idsOf(text: ChatText, source: SequenceSource): readonly number[] | Int32Array {
  if ('messages' in source) return text.encodeChat(source.messages, { addGenerationPrompt: false })
  return 'text' in source ? text.encodeText(source.text, source) : source.ids
}

function expectNumber(logit: number, model: string): number {
  if (Number.isFinite(logit)) return logit
  throw new InferenceError(
    'worker',
    `${model} gave ${logit} in place of a reward; its weights may be damaged`,
  )
}
