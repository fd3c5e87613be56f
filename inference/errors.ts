/**
 * What went wrong: the model folder (`model`), what was asked of the model (`prompt`), its
 * computation (`worker`), or the process that runs it has ended (`ended`) and the same may succeed
 * once it is started again.
 */
export type InferenceFault = 'model' | 'prompt' | 'worker' | 'ended'

/** An error of the runtime in one line: what happened and what to do. */
export class InferenceError extends Error {
  override readonly name = 'InferenceError'
  readonly fault: InferenceFault

  constructor(fault: InferenceFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.fault = fault
  }
}
