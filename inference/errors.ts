/**
 * What went wrong: the model folder (`model`), what was asked of the model (`prompt`), or the
 * thread that runs it (`worker`).
 */
export type InferenceFault = 'model' | 'prompt' | 'worker'

/** An error of the runtime in one line: what happened and what to do. */
export class InferenceError extends Error {
  override readonly name = 'InferenceError'
  readonly fault: InferenceFault

  constructor(fault: InferenceFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.fault = fault
  }
}
