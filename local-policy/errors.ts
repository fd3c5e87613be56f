/** Errors in OpenAI's shape. */
import { z } from 'zod'
import { InferenceError } from '../inference/errors.ts'
import type { WorkerState } from '../inference/runtime/lasting-worker.ts'
import { QueueFullError } from '../inference/runtime/queue.ts'

export type ErrorStatus = 400 | 404 | 405 | 413 | 500 | 503

const types: Readonly<Record<ErrorStatus, string>> = {
  400: 'BadRequestError',
  404: 'NotFoundError',
  405: 'MethodNotAllowedError',
  413: 'RequestEntityTooLargeError',
  500: 'InternalServerError',
  503: 'ServiceUnavailableError',
}

/** An error that its caller may see. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: ErrorStatus
  /** The field that is wrong. */
  readonly param: string | null

  constructor(status: ErrorStatus, message: string, param: string | null = null) {
    super(message)
    this.status = status
    this.param = param
  }

  body() {
    const { message, param, status } = this
    return { error: { message, type: types[status], param, code: status } }
  }
}

/** While the model's process does not run. */
export const notReady = (state: WorkerState): ApiError =>
  new ApiError(
    503,
    state === 'ended'
      ? 'The model has stopped and cannot be started again; restart the service.'
      : 'The model stopped and is being started again; try again in a moment.',
  )

/** Anything thrown while a request was served; what is no one's business stays inside. */
export function toApiError(error: unknown, state: WorkerState): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof QueueFullError) return new ApiError(503, error.message)
  if (error instanceof InferenceError && error.fault === 'prompt') {
    return new ApiError(400, error.message, 'messages')
  }
  if (error instanceof InferenceError && error.fault === 'ended') return notReady(state)
  if (error instanceof InferenceError) return new ApiError(503, error.message)
  return new ApiError(500, 'Something went wrong inside the server; its log says what.')
}

export function invalidRequest(error: z.ZodError): ApiError {
  const issue = error.issues[0]
  const param = issue?.path.map(String).join('.') || null
  const message = issue?.message ?? 'the request is not valid'
  return new ApiError(400, param === null ? message : `${param}: ${message}`, param)
}
