/** A reward model: one number for a sequence. */
import { type ChatModel, loadChatModel } from '../inference/chat-model.ts'
import type { ChatMessage } from '../inference/chat-template.ts'
import { InferenceError } from '../inference/errors.ts'
import { pooledPosition } from '../inference/heads.ts'
import type { Settings } from '../shared/settings.ts'

/** What is scored: a whole conversation, a text that spells out its control tokens, or its ids. */
export type SequenceSource =
  | { messages: readonly ChatMessage[] }
  | { text: string; addSpecialTokens: boolean }
  | { ids: readonly number[] }

export interface RewardModel extends Pick<ChatModel, 'name' | 'templateHash' | 'alive' | 'close'> {
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
  /** The raw logit. Throws an `InferenceError` when it is not a number. */
  reward: (ids: Int32Array) => Promise<number>
}

export interface RewardModelOptions {
  /**
   * `hf` is the rule of transformers, which passes over an end token that is the padding token
   * too. `last` is vLLM's rule, `mask` OpenRLHF's; nothing is padded here, so they are the same.
   */
  pooling: Settings['reward_pooling']
  /** CPU threads. */
  threads?: number | undefined
  /** A chat template (Jinja) in place of the folder's own. */
  chatTemplate?: string | undefined
}

/** Throws an `InferenceError` when the folder holds no classifier with one label. */
export async function loadRewardModel(
  path: string,
  { pooling, threads, chatTemplate }: RewardModelOptions,
): Promise<RewardModel> {
  const model = await loadChatModel(path, { head: 'classifier', threads, chatTemplate })
  const [label] = model.labels
  if (model.width !== 1 || label === undefined) {
    await model.close()
    throw new InferenceError(
      'model',
      `${path} is a classifier with ${model.width} labels; a reward model has one. Choose a model that was trained with num_labels=1`,
    )
  }
  const padToken = pooling === 'hf' ? model.decoder.padToken : null
  return {
    name: model.name,
    templateHash: model.templateHash,
    context: model.decoder.context,
    label,
    alive: model.alive,
    close: model.close,
    promptTokens: (messages) => model.encodeChat(messages, { addGenerationPrompt: true }).length,
    encode(source) {
      if ('messages' in source) {
        return model.encodeChat(source.messages, { addGenerationPrompt: false })
      }
      if ('text' in source) return model.encodeText(source.text, source)
      const { vocabulary } = model.decoder
      const unknown = source.ids.find((id) => id >= vocabulary)
      if (unknown !== undefined) {
        throw new InferenceError(
          'prompt',
          `there is no token ${unknown}; the ids of ${model.name} end at ${vocabulary - 1}`,
        )
      }
      return Int32Array.from(source.ids)
    },
    async reward(ids) {
      const [logit] = await model.logits(ids, pooledPosition(ids, padToken))
      if (logit === undefined || !Number.isFinite(logit)) {
        throw new InferenceError(
          'worker',
          `${model.name} gave ${logit} in place of a reward; its weights may be damaged`,
        )
      }
      return logit
    },
  }
}
