/** A reward model: one number for a conversation and its answer. */
import { type ChatModel, loadChatModel } from '../inference/chat-model.ts'
import type { ChatMessage } from '../inference/chat-template.ts'
import { InferenceError } from '../inference/errors.ts'
import { pooledPosition } from '../inference/heads.ts'
import type { Settings } from '../shared/settings.ts'

export interface RewardModel extends Pick<ChatModel, 'name' | 'templateHash' | 'alive' | 'close'> {
  /** The longest sequence it takes, in tokens. */
  context: number
  /** Length of the conversation without an answer, in tokens. */
  promptTokens: (messages: readonly ChatMessage[]) => number
  /** Ids of the conversation with the answer `candidate`. */
  encode: (messages: readonly ChatMessage[], candidate: string) => Int32Array
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
}

/** Throws an `InferenceError` when the folder holds no classifier with one label. */
export async function loadRewardModel(
  path: string,
  { pooling, threads }: RewardModelOptions,
): Promise<RewardModel> {
  const model = await loadChatModel(path, { head: 'classifier', threads })
  if (model.width !== 1) {
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
    alive: model.alive,
    close: model.close,
    promptTokens: (messages) => model.encodeChat(messages, { addGenerationPrompt: true }).length,
    encode: (messages, candidate) =>
      model.encodeChat([...messages, { role: 'assistant', content: candidate }], {
        addGenerationPrompt: false,
      }),
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
