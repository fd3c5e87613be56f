/** From a chat request to what the model is asked to do. */
import { randomInt } from 'node:crypto'
import type { Policy } from '../inference/generation/policy.ts'
import type { GenerationRequest } from '../inference/generation/generate.ts'
import { short } from '../shared/problems.ts'
import { ApiError } from './errors.ts'
import type { ChatRequest } from './request.ts'

const maxRandomSeed = 2 ** 31

/**
 * Throws an `ApiError` when the model is another one, or when prompt and answer do not fit into
 * its context. Without max_tokens an answer may fill the context, as vLLM has it.
 */
export function generationRequest(model: Policy, request: ChatRequest): GenerationRequest {
  if (request.model && request.model !== model.name) {
    throw new ApiError(404, `The model \`${short(request.model)}\` does not exist.`, 'model')
  }
  const ids = model.encodeChat(request.messages, { addGenerationPrompt: true })
  const { context } = model.decoder
  const limit = `This model's maximum context length is ${context} tokens`
  if (ids.length >= context) {
    throw new ApiError(
      400,
      `${limit}. However, your request has ${ids.length} input tokens. Please reduce the length of the input messages.`,
      'messages',
    )
  }
  const room = context - ids.length
  const maxTokens = request.max_completion_tokens ?? request.max_tokens ?? room
  if (maxTokens > room) {
    throw new ApiError(
      400,
      `'max_tokens' or 'max_completion_tokens' is too large: ${maxTokens}. ${limit} and your request has ${ids.length} input tokens (${maxTokens} > ${context} - ${ids.length}).`,
      'max_tokens',
    )
  }
  return {
    ids,
    answers: request.n ?? 1,
    sampling: {
      temperature: request.temperature ?? model.generation.temperature,
      topP: request.top_p ?? model.generation.topP,
      seed: request.seed ?? randomInt(maxRandomSeed),
    },
    maxTokens,
    stop: [request.stop ?? []].flat(),
    eosTokens: model.generation.eosTokens,
  }
}
