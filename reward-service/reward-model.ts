/** A reward model: one number for a sequence. */
import type { ChatMessage } from '../inference/text/chat-template.ts'
import { InferenceError } from '../inference/errors.ts'
import type { ModelFolder } from '../inference/model/folder.ts'
import type { LabelRule } from '../inference/model/labels.ts'
import { QueueFullError } from '../inference/runtime/queue.ts'
import type { Classifier } from '../inference/scoring/classifier.ts'
import type { DeviceState } from '../inference/scoring/device.ts'
import type { ScoredGroup } from '../inference/scoring/scorer.ts'
import type { EncodedSequence, EncodeOptions, SequenceSource } from '../inference/text/sequences.ts'
import { SequenceError, type TextPool } from '../inference/text/text-pool.ts'
import { type Provider, type TypeName, typeNames } from '../inference/runtime/target.ts'
import type { RewardDetail } from '../shared/tpo.ts'
import type { Settings } from '../shared/settings.ts'

export type ReadOptions = Omit<EncodeOptions, 'limit'>
export type PooledToken = NonNullable<RewardDetail['pooled_token']>

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
  /** The name of the label whose logit is the reward. */
  label: string
  /** Length of the conversation without an answer, in tokens. */
  promptTokens: (messages: readonly ChatMessage[]) => Promise<number>
  /**
   * Ids of sequences. Rejects as `TextPool.encode` does, with a `SequenceError` when the model does
   * not know an id, and with a `QueueFullError` when too much is waiting.
   */
  encode: (
    sources: readonly SequenceSource[],
    options: ReadOptions,
    signal: AbortSignal,
  ) => Promise<EncodedSequence[]>
  /** The token of each sequence whose logit is the reward. */
  pooledTokens: (sequences: readonly Int32Array[]) => Promise<PooledToken[]>
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

/** What a reward model is made of. */
export interface RewardModelParts {
  /**
   * `hf` is the rule of transformers, which passes over an end token that is the padding token
   * too. `last` is vLLM's rule, `mask` OpenRLHF's; nothing is padded here, so they are the same.
   */
  pooling: Settings['reward_pooling']
  folder: ModelFolder
  rule: LabelRule
  text: TextPool
  classifier: Classifier
}

export function rewardModel({
  folder,
  rule,
  text,
  classifier,
  pooling,
}: RewardModelParts): RewardModel {
  const { context, vocabulary } = classifier
  /** An id of a caller is the caller's mistake, one of the tokenizer the folder's. */
  const expectKnown = (ids: Int32Array, index: number, fault: 'prompt' | 'model') => {
    const position = ids.findIndex((id) => id >= vocabulary)
    if (position === -1) return
    const words = `there is no token ${ids[position]} (position ${position}); the ids of ${folder.name} end at ${vocabulary - 1}`
    throw new SequenceError(index, new InferenceError(fault, words))
  }
  const reads = (ids: Int32Array) => classifier.reads(ids, pooling === 'hf')
  /** Where the head finds nothing to read, the sequence is none for this model. */
  const expectReadable = (ids: Int32Array, index: number) => {
    try {
      if (ids.length > 0) reads(ids)
    } catch (error) {
      throw error instanceof InferenceError ? new SequenceError(index, error) : error
    }
  }
  return {
    name: folder.name,
    templateHash: text.templateHash,
    dtype: typeNames[classifier.target.type],
    provider: classifier.target.provider,
    context,
    label: rule.label,
    devices: classifier.devices,
    limits: classifier.limits,
    maxWaiting: classifier.maxWaiting,
    waiting: classifier.waiting,
    state: classifier.state,
    promptTokens: (messages) => text.promptTokens(messages, context),

    async encode(sources, options, signal) {
      const waiting = text.waiting() + classifier.waiting()
      if (waiting > 0 && waiting + sources.length > classifier.maxWaiting) {
        throw new QueueFullError(waiting, 'sequences')
      }
      for (const [index, source] of sources.entries()) {
        if ('ids' in source) expectKnown(source.ids, index, 'prompt')
      }
      const encoded = await text.encode(sources, { ...options, limit: context }, signal)
      for (const [index, { ids }] of encoded.entries()) {
        expectKnown(ids, index, 'model')
        expectReadable(ids, index)
      }
      return encoded
    },

    async pooledTokens(sequences) {
      const positions = sequences.map((ids) => reads(ids)[0] ?? 0)
      const ids = sequences.map((sequence, index) => sequence[positions[index] ?? 0] ?? 0)
      const texts = await text.decode(ids.map((id) => [id]))
      return ids.map((id, index) => ({
        id,
        position: positions[index] ?? 0,
        text: texts[index] ?? '',
      }))
    },

    async rewards(sequences, signal) {
      const read = sequences.map((ids) => ({ ids, reads: reads(ids) }))
      const { logits, timing } = await classifier.score(read, signal)
      const rewards = logits.map((own) => expectNumber(rule.reward(own), folder.name))
      return { rewards, timing }
    },
    async close() {
      await Promise.all([text.close(), classifier.close()])
    },
  }
}

function expectNumber(logit: number, model: string): number {
  if (Number.isFinite(logit)) return logit
  throw new InferenceError(
    'worker',
    `${model} gave ${logit} in place of a reward; its weights may be damaged`,
  )
}
