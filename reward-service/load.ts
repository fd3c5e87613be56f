/** Loads a reward model, and lets it prove itself before anyone is served. */
import { InferenceError } from '../inference/errors.ts'
import { readModelFolder } from '../inference/model/folder.ts'
import { readLabelRule } from '../inference/model/labels.ts'
import { type ClassifierOptions, loadClassifier } from '../inference/scoring/classifier.ts'
import { startTextPool } from '../inference/text/text-pool.ts'
import { ProblemError } from '../shared/problems.ts'
import { expectGolden, type Golden, readGolden } from './golden.ts'
import { type RewardModel, rewardModel, type RewardModelParts } from './reward-model.ts'
import { createScore } from './score.ts'
import { observedScoring } from './telemetry/batches.ts'

export interface RewardModelOptions extends ClassifierOptions, Pick<RewardModelParts, 'pooling'> {
  /** Which label's logit is the reward, where there are several: see `readLabelRule`. */
  label?: string | undefined
  /** A chat template (Jinja) in place of the folder's own. */
  chatTemplate?: string | undefined
}

/**
 * Throws an `InferenceError` when the folder holds no classifier, or one with several labels of
 * which none was chosen, or when its rewards are not those that the folder says they are.
 */
export async function loadRewardModel(
  path: string,
  { pooling, label: asked, chatTemplate, ...options }: RewardModelOptions,
): Promise<RewardModel> {
  const folder = await readModelFolder(path, chatTemplate)
  const golden = await readGolden(path, { ownTemplate: chatTemplate === undefined })
  const text = await startTextPool(folder)
  try {
    const events = observedScoring(options.events)
    const classifier = await loadClassifier(folder, { ...options, events })
    try {
      const parts = {
        folder,
        rule: readLabelRule(folder, classifier.width, asked),
        text,
        classifier,
      }
      // Golden vectors are transformers' numbers, whatever is pooled here.
      await prove(rewardModel({ ...parts, pooling: 'hf' }), golden)
      return rewardModel({ ...parts, pooling })
    } catch (error) {
      await classifier.close()
      throw error
    }
  } catch (error) {
    await text.close()
    throw error
  }
}

/** A pass before the first caller's, so that his is not the slow one, and the model's own proof. */
async function prove(model: RewardModel, golden: Golden | null): Promise<void> {
  const score = createScore(model)
  const messages = [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hi' },
  ]
  try {
    await score([{ path: 'warm-up', messages }], new AbortController().signal)
    if (golden !== null) await expectGolden(golden, score, model)
  } catch (cause) {
    if (!(cause instanceof ProblemError)) throw cause
    throw new InferenceError('model', `${model.name} cannot be used: ${cause.message}`, { cause })
  }
}
